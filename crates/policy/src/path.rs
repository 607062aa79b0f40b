//! Numbers the rules and the command proxy have to agree on.

/// TCP port of the proxy's transparent listener, IPv4 and IPv6.
pub const PROXY_PORT: u16 = 7502;

/// Mark of packets that go to a socket of the proxy although their destination is somewhere else. A routing rule
/// delivers what carries it to this machine.
pub const MARK_DELIVER: u32 = 0x5257_0001;

/// Mark of packets the proxy sends (`SO_MARK` of all its sockets): only it may speak in the name of a client or a device.
pub const MARK_PROXY: u32 = 0x5257_0002;

/// Routing table the rule for [`MARK_DELIVER`] leads to: everything is local there.
pub const TABLE_DELIVER: u32 = 7502;
