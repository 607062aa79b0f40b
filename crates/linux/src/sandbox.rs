//! Running this program again inside new user, network and mount namespaces, where it is root over its own
//! network and over nothing else.

use std::ffi::{CStr, OsString};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::unistd::{Pid, getegid, geteuid, getpid, getppid, write};

use crate::sysctl;
use crate::{Error, Lacking, Need, Remedy};

/// A program to run inside new namespaces.
#[derive(Debug)]
pub struct Sandbox {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    user_namespace: bool,
}

impl Sandbox {
    /// This program again, with other arguments.
    pub fn this_program(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self::program("/proc/self/exe", arguments)
    }

    /// Any program.
    pub fn program(
        program: impl Into<OsString>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            user_namespace: true,
        }
    }

    /// Leaves out the user namespace where we are root anyway. Inside, root keeps its right to large netlink
    /// messages: one transaction of nft may then be of any size.
    #[must_use]
    pub fn as_root_if_possible(mut self) -> Self {
        self.user_namespace = !geteuid().is_root();
        self
    }

    /// Adds a variable to the environment it gets.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Runs it with our standard input and outputs, waits, and returns its exit code (128 + signal if it was
    /// killed).
    ///
    /// It dies when this process does, however that happens, and the kernel takes the namespaces down with it.
    pub fn run(&self) -> Result<u8, Error> {
        let status = match self.command(self.user_namespace).status() {
            Err(error) if may_do_otherwise(&error) => self.command(!self.user_namespace).status(),
            other => other,
        };
        let status = status.map_err(|error| self.why(error))?;
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        Ok(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
    }

    fn command(&self, user_namespace: bool) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        let maps = user_namespace.then(Maps::of_this_process);
        let parent = getpid();
        // SAFETY: between fork and exec only system calls are made, on memory prepared before the fork: no
        // allocation, no lock, no other thread's state.
        unsafe { command.pre_exec(move || enter(maps.as_ref(), parent)) };
        command
    }

    /// Tells what the machine lacks from what failing to start looks like.
    fn why(&self, error: io::Error) -> Error {
        match error.raw_os_error().map(Errno::from_raw) {
            Some(errno @ (Errno::EPERM | Errno::ENOSPC | Errno::EINVAL | Errno::EACCES | Errno::EUSERS)) => {
                lacking_user_namespaces(errno).into()
            }
            _ => Error::system(format!("start {}", self.program.to_string_lossy()), error),
        }
    }
}

/// What is written into the maps of the new user namespace: whoever we are is root there, nobody else exists.
struct Maps {
    uid: String,
    gid: String,
}

impl Maps {
    fn of_this_process() -> Self {
        Self { uid: format!("0 {} 1", geteuid()), gid: format!("0 {} 1", getegid()) }
    }
}

/// The steps between fork and exec.
fn enter(maps: Option<&Maps>, parent: Pid) -> io::Result<()> {
    let mut namespaces = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS;
    if maps.is_some() {
        namespaces |= CloneFlags::CLONE_NEWUSER;
    }
    unshare(namespaces)?;
    if let Some(maps) = maps {
        put(c"/proc/self/setgroups", b"deny")?;
        put(c"/proc/self/uid_map", maps.uid.as_bytes())?;
        put(c"/proc/self/gid_map", maps.gid.as_bytes())?;
    }
    // A /sys that shows the new network. Some containers forbid it; everything here reads netlink instead.
    let nothing: Option<&CStr> = None;
    let _ = mount(nothing, c"/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing);
    let read_only = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let _ = mount(Some(c"sysfs"), c"/sys", Some(c"sysfs"), read_only, nothing);
    // After the change of credentials, which clears it.
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    // The parent may have died before the line above.
    if getppid() != parent {
        return Err(Errno::ESRCH.into());
    }
    Ok(())
}

fn put(path: &CStr, value: &[u8]) -> io::Result<()> {
    let file = open(path, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    write(&file, value)?;
    Ok(())
}

/// Root may use network namespaces where user namespaces are switched off, and root of a container may use user
/// namespaces where it lacks the right to network namespaces of its own.
fn may_do_otherwise(error: &io::Error) -> bool {
    geteuid().is_root()
        && matches!(
            error.raw_os_error().map(Errno::from_raw),
            Some(Errno::EPERM | Errno::ENOSPC | Errno::EINVAL | Errno::EACCES)
        )
}

/// Finds the switch that forbids user namespaces and says how to turn it.
fn lacking_user_namespaces(errno: Errno) -> Lacking {
    let switches = [
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("user.max_user_namespaces", "0", "10000"),
        ("user.max_net_namespaces", "0", "10000"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ];
    for (setting, closed, value) in switches {
        if sysctl::get(&setting.replace('.', "/")).is_ok_and(|now| now == closed) {
            return Lacking::new(
                Need::UserNamespaces,
                format!("{setting} is {closed}"),
                Remedy::Set { setting, value },
            );
        }
    }
    let remedy = match errno {
        Errno::ENOSPC | Errno::EUSERS => Remedy::RaiseNamespaces,
        Errno::EINVAL => Remedy::KernelWithNamespaces,
        _ => Remedy::AllowNamespaces,
    };
    Lacking::new(Need::UserNamespaces, format!("unshare: {errno}"), remedy)
}
