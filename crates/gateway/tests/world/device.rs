//! A device that answers, and remembers what reached it and from where.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use linux::NetNs;

use super::{at, heard};

/// A Modbus device with 65536 holding registers that are all zero, whatever is written.
pub struct Device {
    seen: Arc<Seen>,
}

/// From where, and what.
type Seen = Mutex<Vec<(SocketAddr, Vec<u8>)>>;

impl Device {
    /// Starts it in a namespace. It ends with the process.
    pub fn start(namespace: &NetNs, own: &str) -> Self {
        let listener = namespace.run(|| TcpListener::bind(at(own)).unwrap()).unwrap();
        let seen = Arc::new(Seen::default());
        let again = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, again) = (stream.unwrap(), Arc::clone(&again));
                thread::spawn(move || serve(stream, &again));
            }
        });
        Self { seen }
    }

    /// A device that accepts and then neither reads nor speaks.
    pub fn deaf(namespace: &NetNs, own: &str) -> TcpListener {
        namespace.run(|| TcpListener::bind(at(own)).unwrap()).unwrap()
    }

    /// What reached it since the last time this was asked, without the transactions' heads.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().drain(..).map(|(_, message)| message[6..].to_vec()).collect()
    }

    /// From where what reached it came.
    pub fn peers(&self) -> Vec<SocketAddr> {
        self.seen.lock().unwrap().iter().map(|(peer, _)| *peer).collect()
    }
}

fn serve(mut stream: TcpStream, seen: &Seen) {
    let Ok(peer) = stream.peer_addr() else { return };
    stream.set_nodelay(true).unwrap();
    while let Ok(asked) = heard(&stream) {
        seen.lock().unwrap().push((peer, asked.clone()));
        let mut answer = asked[..8].to_vec();
        match asked[7] {
            3 | 23 => {
                let count = asked[11];
                answer.push(count * 2);
                answer.resize(9 + usize::from(count) * 2, 0);
            }
            6 | 22 => answer.extend(&asked[8..]),
            16 => answer.extend(&asked[8..12]),
            _ => {
                answer[7] |= 0x80;
                answer.push(1);
            }
        }
        let length = u8::try_from(answer.len() - 6).unwrap();
        answer[5] = length;
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
    // What the client's side still sends is of no interest.
    let _ = stream.read(&mut [0; 1]);
}
