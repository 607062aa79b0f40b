//! The daemon: the proxy, the file its table comes from, and the signals that mean something to it.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use linux::{rule, transparent};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use policy::path::{MARK_DELIVER, TABLE_DELIVER};

use crate::file::{self, LARGEST};
use crate::messages::{FileError, RunError};
use crate::proxy::Proxy;
use crate::record::{Notice, Sink};
use crate::settings::Settings;
use crate::table::Table;

/// How often the file is looked at, for those who replace it without a signal.
const LOOK: Duration = Duration::from_secs(1);

/// The signals of a daemon: SIGTERM and SIGINT end it, SIGHUP has it read its table again.
#[derive(Debug)]
pub struct Signals(SignalFd);

impl Signals {
    /// Takes them. Before the first thread is started: threads inherit what is blocked.
    pub fn take() -> Result<Self, RunError> {
        let mut set = SigSet::empty();
        for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
            set.add(signal);
        }
        let taken = set
            .thread_block()
            .and_then(|()| SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC));
        Ok(Self(taken.map_err(|errno| linux::Error::system("take signals", errno))?))
    }

    fn next(&self) -> Option<Signal> {
        let info = self.0.read_signal().ok().flatten()?;
        Signal::try_from(i32::try_from(info.ssi_signo).ok()?).ok()
    }
}

/// A file with a table, and what is known of the one that was read.
#[derive(Debug)]
pub struct Watched {
    path: PathBuf,
    seen: Option<Seen>,
}

/// What changes when a file is replaced or written.
type Seen = (u64, u64, i64, i64, u64);

impl Watched {
    /// The file at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), seen: None }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it.
    pub fn read(&mut self) -> Result<Table, FileError> {
        let read = |path: &Path| -> io::Result<(Seen, Vec<u8>)> {
            let file = File::open(path)?;
            let seen = seen(&file.metadata()?);
            let mut text = Vec::new();
            file.take(LARGEST as u64 + 1).read_to_end(&mut text)?;
            Ok((seen, text))
        };
        match read(&self.path) {
            Ok((seen, text)) => {
                self.seen = Some(seen);
                file::read(&text)
            }
            Err(error) => {
                // Nothing is gained by trying the same one every second.
                self.seen = std::fs::metadata(&self.path).ok().as_ref().map(seen);
                Err(FileError::Unreadable { error: error.to_string() })
            }
        }
    }

    /// Whether there is another file now than the one that was read.
    fn changed(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|now| Some(seen(&now)) != self.seen)
    }
}

fn seen(file: &Metadata) -> Seen {
    (file.dev(), file.ino(), file.mtime(), file.mtime_nsec(), file.size())
}

/// Runs the proxy in the foreground until a signal ends it.
///
/// A table that cannot be read at the start is an error; later, the one in force stays and the sink is told why.
pub fn run(
    settings: Settings,
    mut commands: Watched,
    signals: &Signals,
    sink: Box<dyn Sink>,
) -> Result<(), RunError> {
    let table = commands.read()?;
    let of = table.of.clone();
    transparent::present()?;
    rule::deliver(MARK_DELIVER, TABLE_DELIVER)?;
    let mut proxy = Proxy::open(settings, sink)?;
    proxy.watch(signals.0.as_fd())?;
    proxy.replace(table);
    proxy.notice(Notice::Listening { port: settings.port, rows: proxy.rows(), most: proxy.most(), of });
    let mut looked = Instant::now();
    loop {
        let woken = proxy.turn(LOOK)?;
        let mut again = false;
        if woken.watched {
            while let Some(signal) = signals.next() {
                if signal != Signal::SIGHUP {
                    proxy.notice(Notice::Ended);
                    proxy.close();
                    return Ok(());
                }
                again = true;
            }
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            again |= commands.changed();
        }
        if again {
            match commands.read() {
                Ok(table) => {
                    let of = table.of.clone();
                    proxy.replace(table);
                    proxy.notice(Notice::Taken { rows: proxy.rows(), of });
                }
                Err(error) => proxy.notice(Notice::Kept { error }),
            }
        }
    }
}
