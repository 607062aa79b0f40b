//! The command proxy of the twin's gateway: the one a real gateway runs, on a thread in the gateway's namespace.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use gateway::{Proxy, Record, RunError, Settings, Table, Told};
use linux::NetNs;
use policy::path::{MARK_DELIVER, TABLE_DELIVER};

use crate::report::LabError;

/// Nothing waits for it: whatever happens ends a turn.
const TURN: Duration = Duration::from_secs(3600);
/// How long the proxy may take to put a table in force.
const AT_ONCE: Duration = Duration::from_secs(10);

/// A proxy that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Keeper {
    tables: Sender<Table>,
    /// A byte wakes the proxy, the end of the stream ends it.
    bell: UnixStream,
    taken: Receiver<()>,
    thread: Option<JoinHandle<()>>,
    refused: Arc<Mutex<Vec<Record>>>,
}

impl Keeper {
    /// Starts the proxy in a namespace. Nothing is permitted yet.
    pub(crate) fn start(namespace: &NetNs) -> Result<Self, LabError> {
        let failed = LabError::socket("start the command proxy");
        let (bell, hears) = match UnixStream::pair() {
            Ok(pair) => pair,
            Err(error) => return Err(failed(error)),
        };
        let (tables, orders) = channel::<Table>();
        let (takes, taken) = channel::<()>();
        let refused = Arc::new(Mutex::new(Vec::new()));
        let records = Arc::clone(&refused);
        let sink = move |told: Told| {
            if let Told::Record(record) = told {
                records.lock().unwrap_or_else(PoisonError::into_inner).push(record);
            }
        };
        let (opens, opened) = channel::<Result<(), RunError>>();
        let thread = namespace.run(|| {
            linux::rule::deliver(MARK_DELIVER, TABLE_DELIVER)?;
            // A thread stays in the namespace of the one that starts it.
            Ok::<_, LabError>(std::thread::spawn(move || {
                let proxy = Proxy::open(Settings::default(), Box::new(sink))
                    .and_then(|mut proxy| proxy.watch(hears.as_fd()).map(|()| proxy));
                match proxy {
                    Ok(proxy) if opens.send(Ok(())).is_ok() => keep(proxy, hears, &orders, &takes),
                    Ok(_) => {}
                    // Whoever asked for it hears why there is none.
                    Err(error) => drop(opens.send(Err(error))),
                }
            }))
        })??;
        opened.recv_timeout(AT_ONCE).map_err(|_| gone())?.map_err(LabError::Proxy)?;
        Ok(Self { tables, bell, taken, thread: Some(thread), refused })
    }

    /// Puts a table in force; it is when this returns.
    pub(crate) fn give(&mut self, table: Table) -> Result<(), LabError> {
        self.tables.send(table).map_err(|_| gone())?;
        self.bell.write_all(&[1]).map_err(LabError::socket("wake the command proxy"))?;
        self.taken.recv_timeout(AT_ONCE).map_err(|_| gone())
    }

    /// Ends the proxy; what it refused.
    pub(crate) fn end(mut self) -> Vec<Record> {
        self.stop();
        std::mem::take(&mut *self.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn stop(&mut self) {
        // Fails only where the other end is gone, and then there is nothing to end.
        let _ = self.bell.shutdown(std::net::Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

fn gone() -> LabError {
    LabError::NotThere("command proxy any more".to_owned())
}

/// Runs the proxy until nobody rings any more.
fn keep(mut proxy: Proxy, mut bell: UnixStream, orders: &Receiver<Table>, takes: &Sender<()>) {
    let mut byte = [0];
    while let Ok(woken) = proxy.turn(TURN) {
        if !woken.watched {
            continue;
        }
        let Ok(1..) = bell.read(&mut byte) else { break };
        let Ok(table) = orders.recv() else { break };
        proxy.replace(table);
        if takes.send(()).is_err() {
            break;
        }
    }
    proxy.close();
}
