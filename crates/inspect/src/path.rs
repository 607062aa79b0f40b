//! The numbers of the path that leads a client's packets to the proxy, for those who write rules and those who set them
//! on sockets.

/// Port of the proxy's listeners, on any address of IPv4 and IPv6. No packet on the wire has it as its destination: a
/// connection keeps the device's address and port.
pub const PROXY_PORT: u16 = 7502;

/// Mark of packets that belong to a socket of the proxy: the rules set it in prerouting, the routing rule delivers
/// packets that have it to this machine.
pub const MARK_DELIVER: u32 = 0x5257_0001;

/// Mark of packets that the proxy's own sockets send; the rules of output ask for it.
pub const MARK_PROXY: u32 = 0x5257_0002;

/// Routing table in which every destination is local; packets marked [`MARK_DELIVER`] are looked up in it.
pub const TABLE_DELIVER: u32 = 7502;
