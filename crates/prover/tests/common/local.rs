//! The machine's own end of the wire: packets it sends itself, and packets that reach it.

use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, recv, sendto, setsockopt, socket,
    sockopt,
};
use packets::Packet;

/// Sends a whole IPv4 packet, with its mark.
pub fn emit(packet: &Packet, bytes: &[u8]) {
    let IpAddr::V4(destination) = packet.destination else { panic!("IPv4 only") };
    let socket =
        socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Raw).unwrap();
    setsockopt(&socket, sockopt::Mark, &packet.mark).unwrap();
    let [a, b, c, d] = destination.octets();
    // A dropped packet is an error of the call; what counts is what comes out.
    let _ = sendto(socket.as_raw_fd(), bytes, &SockaddrIn::new(a, b, c, d, 0), MsgFlags::empty());
}

/// Sockets that get every TCP, UDP and ICMP packet that reaches the machine.
pub struct Ears(Vec<OwnedFd>);

impl Ears {
    pub fn new() -> Self {
        let protocols = [SockProtocol::Tcp, SockProtocol::Udp, SockProtocol::Icmp];
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        Ears(protocols.map(|kind| socket(AddressFamily::Inet, SockType::Raw, flags, kind).unwrap()).into())
    }

    /// What came since the last time.
    pub fn take(&self) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut buffer = vec![0; 2048];
        for ear in &self.0 {
            while let Ok(len) = recv(ear.as_raw_fd(), &mut buffer, MsgFlags::MSG_DONTWAIT) {
                found.push(buffer[..len].to_vec());
            }
        }
        found
    }
}
