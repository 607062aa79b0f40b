//! IPsec policies.

use super::Reading;
use crate::netlink::{Body, Socket};

const XFRM_MSG_GETPOLICY: u16 = 0x15;
/// Size of `struct xfrm_userpolicy_id`.
const HEAD: usize = 64;

/// Number of IPsec policies.
pub(super) fn policies() -> Reading<usize> {
    let messages =
        Socket::xfrm().and_then(|mut socket| socket.dump(XFRM_MSG_GETPOLICY, &Body::new(&[0; HEAD])));
    match messages {
        Ok(messages) => Reading::Read(messages.len()),
        Err(error) if error.raw_os_error() == Some(libc::EPROTONOSUPPORT) => {
            Reading::Absent("kernel without XFRM over netlink".to_owned())
        }
        Err(error) => Reading::Unreadable(format!("XFRM policies: {error}")),
    }
}
