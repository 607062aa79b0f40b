//! Sockets of the twin's hosts, none of which ever blocks.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// IP protocol number of a raw socket that is handed whole packets.
const IPPROTO_RAW: i32 = 255;

fn new(address: IpAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let domain = if address.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
    let socket = Socket::new(domain, kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Listens for connections at exactly this address and port.
pub(crate) fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let socket = new(address, Type::STREAM, Protocol::TCP)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::new(address, port).into())?;
    socket.listen(256)?;
    Ok(socket.into())
}

/// Waits for datagrams at exactly this address and port.
pub(crate) fn receive(address: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let socket = new(address, Type::DGRAM, Protocol::UDP)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::new(address, port).into())?;
    Ok(socket.into())
}

/// Begins a connection from this port; it is under way when this returns.
pub(crate) fn connect(from: SocketAddr, to: SocketAddr) -> io::Result<Socket> {
    let socket = new(from.ip(), Type::STREAM, Protocol::TCP)?;
    socket.bind(&from.into())?;
    match socket.connect(&to.into()) {
        Err(error) if error.raw_os_error() == Some(nix::libc::EINPROGRESS) => {}
        other => other?,
    }
    Ok(socket)
}

/// A datagram socket between two ends.
pub(crate) fn converse(from: SocketAddr, to: SocketAddr) -> io::Result<UdpSocket> {
    let socket = new(from.ip(), Type::DGRAM, Protocol::UDP)?;
    socket.bind(&from.into())?;
    socket.connect(&to.into())?;
    Ok(socket.into())
}

/// A raw socket for one IP protocol at an address.
pub(crate) fn raw(address: IpAddr, number: u8) -> io::Result<Socket> {
    let socket = new(address, Type::RAW, Protocol::from(i32::from(number)))?;
    socket.bind(&SocketAddr::new(address, 0).into())?;
    Ok(socket)
}

/// A raw socket that is handed whole packets, heads and all.
pub(crate) fn whole_packets(v6: bool) -> io::Result<Socket> {
    let any = if v6 { IpAddr::from(Ipv6Addr::UNSPECIFIED) } else { IpAddr::from(Ipv4Addr::UNSPECIFIED) };
    new(any, Type::RAW, Protocol::from(IPPROTO_RAW))
}

/// Sends on a raw socket.
pub(crate) fn send_raw(socket: &Socket, to: IpAddr, bytes: &[u8]) -> io::Result<()> {
    socket.send_to(bytes, &SockAddr::from(SocketAddr::new(to, 0)))?;
    Ok(())
}

/// The payload of the next packet of a raw socket, without its IP head.
pub(crate) fn next_raw<'a>(socket: &Socket, v6: bool, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let mut reader: &Socket = socket;
    let length = reader.read(buffer).ok()?;
    let packet = buffer.get(..length)?;
    // IPv4 raw sockets hand over the head, IPv6 ones do not.
    let head = if v6 { 0 } else { usize::from(packet.first()? & 0x0f) * 4 };
    packet.get(head..)
}
