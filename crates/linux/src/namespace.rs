//! Network namespaces that live as long as this process holds them: nothing on disk, so nothing is left behind.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::thread;

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};

use crate::{Error, Lacking, Need, Remedy};

/// A network namespace, kept open by a descriptor.
#[derive(Debug, Clone)]
pub struct NetNs(Arc<OwnedFd>);

impl NetNs {
    /// Creates an empty network namespace, with its loopback up.
    pub fn new() -> Result<Self, Error> {
        on_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| {
                Error::Lacking(Lacking::new(
                    Need::NetworkNamespaces,
                    format!("unshare: {errno}"),
                    if errno == Errno::EPERM { Remedy::AllowNamespaces } else { Remedy::RaiseNamespaces },
                ))
            })?;
            let namespace = Self::current()?;
            crate::link::set_up("lo")?;
            Ok(namespace)
        })
    }

    /// The namespace of the calling thread.
    pub fn current() -> Result<Self, Error> {
        let path = "/proc/thread-self/ns/net";
        let file = File::open(path).map_err(|error| Error::system(path, error))?;
        Ok(Self(Arc::new(file.into())))
    }

    /// Runs `work` on a thread inside this namespace and waits for it.
    ///
    /// Sockets and processes that `work` makes stay in this namespace.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        on_thread(|| {
            setns(self.0.as_fd(), CloneFlags::CLONE_NEWNET)
                .map_err(|errno| Error::system("enter network namespace", errno))?;
            Ok(work())
        })
    }
}

impl AsFd for NetNs {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Runs `work` on a thread of its own, because a thread that has changed its namespace must not serve others.
fn on_thread<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .spawn_scoped(scope, work)
            .map_err(|error| Error::system("start thread", error))?;
        match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
