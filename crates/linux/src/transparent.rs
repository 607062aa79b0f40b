//! TCP sockets with addresses that are not this machine's own: what a transparent proxy stands on.
//!
//! Rules hand a connection to the listener, whose accepted sockets then have the address the client meant as their own;
//! towards the server a socket speaks from the client's address. All sockets are non-blocking and send marked packets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, TcpKeepalive, Type};

use crate::nft::{self, NftError};
use crate::{Error, Lacking, Need, Remedy};

/// Bytes the kernel may hold for a socket, each way. Set on purpose: left to itself it lets one sender who is not read
/// fill megabytes.
const KERNEL_BUFFER: usize = 32 * 1024;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;
/// Silence before the kernel asks whether the other end still lives, and between further questions.
const QUIET: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(10);

/// Rules as a transparent proxy needs them; only checked, never loaded.
const RULES: &str = "table inet ringwall_question {
  chain c {
    type filter hook prerouting priority -90; policy accept;
    socket transparent 1 meta mark set 1 accept
    meta nfproto ipv4 meta l4proto tcp tproxy ip to :1 meta mark set 1 accept
  }
}
";

/// Whether this machine can be a transparent proxy here: the right to such sockets, and the kernel's tproxy.
pub fn present() -> Result<(), Error> {
    let probe = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))
        .map_err(|error| Error::system("open socket", error))?;
    if let Err(error) = probe.set_ip_transparent_v4(true).and_then(|()| probe.set_mark(1)) {
        return Err(lacking(error.to_string(), Remedy::NetAdmin).into());
    }
    match nft::check(RULES) {
        Ok(()) => Ok(()),
        Err(NftError::Refused { text, .. }) => {
            let line = text.lines().next().unwrap_or_default().to_owned();
            Err(lacking(line, Remedy::Modules { modules: "nft_tproxy nft_socket" }).into())
        }
        Err(NftError::Linux(error)) => Err(error),
    }
}

fn lacking(seen: String, remedy: Remedy) -> Lacking {
    Lacking::new(Need::TransparentProxy, seen, remedy)
}

/// A listener on any address of the family. Sockets it accepts inherit the mark.
pub fn listen(v6: bool, port: u16, mark: u32) -> io::Result<TcpListener> {
    let any = if v6 { IpAddr::from(Ipv6Addr::UNSPECIFIED) } else { IpAddr::from(Ipv4Addr::UNSPECIFIED) };
    let socket = open(any, mark)?;
    if v6 {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&SockAddr::from(SocketAddr::new(any, port)))?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Begins a connection from an address that need not be ours; it stands when the socket becomes writable and has no
/// error. The port may be in use towards other servers.
pub fn connect(from: SocketAddr, to: SocketAddr, mark: u32) -> io::Result<TcpStream> {
    let socket = open(from.ip(), mark)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SockAddr::from(from))?;
    match socket.connect(&SockAddr::from(to)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => {
            prepare(&socket)?;
            Ok(socket.into())
        }
    }
}

/// Accepts one connection; its own address is the one the client meant.
pub fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, peer) = listener.accept()?;
    stream.set_nonblocking(true)?;
    prepare(&SockRef::from(&stream))?;
    Ok((stream, peer))
}

/// Makes the end of a connection a reset: the other side learns that it did not end as it should.
pub fn reset_at_end(stream: &TcpStream) {
    // A socket that is gone already needs no reset.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

fn open(address: IpAddr, mark: u32) -> io::Result<Socket> {
    let socket =
        Socket::new(Domain::for_address(SocketAddr::new(address, 0)), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match address {
        IpAddr::V4(_) => socket.set_ip_transparent_v4(true)?,
        IpAddr::V6(_) => socket.set_ip_transparent_v6(true)?,
    }
    socket.set_mark(mark)?;
    socket.set_recv_buffer_size(KERNEL_BUFFER)?;
    socket.set_send_buffer_size(KERNEL_BUFFER)?;
    Ok(socket)
}

/// Small messages go at once; an end that is gone is noticed although nobody speaks.
fn prepare(socket: &Socket) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(QUIET).with_interval(AGAIN).with_retries(3))
}
