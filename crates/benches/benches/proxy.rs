//! The command proxy beside plain forwarding, in the same run: round trips, transactions per second, memory per
//! connection, and thousands of connections that say nothing.
//!
//! `cargo bench -p benches --bench proxy`. Client, proxy and device are processes of their own.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::process::Child;
use std::time::{Duration, Instant};

use benches::{Outcome, Proxied, Stage, Table, client, median, stage};
use gateway::{Row, Settings, Told};
use linux::{rule, transparent};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;
use protocols::{Permission, Service};

/// One register is read: the smallest useful message.
const ASKED: [u8; 12] = [0, 1, 0, 0, 0, 6, 1, 3, 0, 10, 0, 1];
const ANSWER: [u8; 11] = [0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7];
const PROXIED: u16 = 502;
const PLAIN: u16 = 503;

const ROUNDS: usize = 30;
const TRIPS: usize = 1_000;
const CONNECTIONS: usize = 32;
const LOAD: Duration = Duration::from_secs(4);
const IDLE: usize = 10_000;
const CLOGGED: usize = 256;

fn main() -> Outcome {
    match stage() {
        Stage::First => Stage::in_namespaces(&["measured"]),
        Stage::Further(words) => match words.as_slice() {
            [word] if word == "measured" => measured(),
            [word] if word == "proxy" => proxy(),
            [word] if word == "device" => device(),
            words => Err(format!("unknown stage {words:?}").into()),
        },
    }
}

/// A process of this bench in a namespace; it ends when this is dropped.
struct Process(Child);

impl Process {
    fn start(namespace: &linux::NetNs, word: &str) -> Outcome<Self> {
        let mut child = namespace.run(|| Stage::beside(&[word]))??;
        let out = child.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        if line.trim() == "ready" {
            Ok(Self(child))
        } else {
            Err(format!("{word} did not start: {line}").into())
        }
    }

    /// Where it may run from now on.
    fn pin(&self, cores: &CpuSet) -> Outcome {
        Ok(sched_setaffinity(Pid::from_raw(i32::try_from(self.0.id())?), cores)?)
    }

    /// CPU time so far.
    fn cpu(&self) -> Outcome<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.0.id()))?;
        let nanos = text.split(' ').next().and_then(|word| word.parse().ok()).ok_or("no schedstat")?;
        Ok(Duration::from_nanos(nanos))
    }

    /// Memory it has now, in KiB.
    fn memory(&self) -> Outcome<f64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Ended already is as good.
        let _ = self.0.wait();
    }
}

fn ready() -> Outcome {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready")?;
    Ok(out.flush()?)
}

/// As many descriptors as this process may have.
fn descriptors() -> Outcome<usize> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(usize::try_from(hard)?)
}

/// The proxy as the daemon runs it, with nobody to tell.
fn proxy() -> Outcome {
    transparent::present()?;
    rule::deliver(policy::path::MARK_DELIVER, policy::path::TABLE_DELIVER)?;
    let mut proxy = gateway::Proxy::open(Settings::default(), Box::new(|_: Told| {}))?;
    let modbus = Service::parse("modbus").map_err(|error| format!("{error:?}"))?;
    let allow = |text: &str| Permission::parse(&modbus, text).map_err(|error| format!("{error:?}"));
    let rules = ["read holding 0-59", "write holding 10 = 140..190", "write holding 11 = 0..1"];
    let rules = rules
        .iter()
        .map(|text| Ok(inspect::Rule { flow: "F10".to_owned(), unit: Some(1), permission: allow(text)? }));
    let row = Row {
        client: "10.62.2.0/24".parse()?,
        server: "10.62.1.70/32".parse()?,
        port: PROXIED,
        until: None,
        rules: rules.collect::<Result<_, String>>()?,
    };
    proxy.replace(gateway::Table { of: None, rows: vec![row] });
    let stdin = std::io::stdin();
    proxy.watch(stdin.as_fd())?;
    ready()?;
    while !proxy.turn(Duration::from_secs(1))?.watched {}
    Ok(())
}

/// Streams that answer, or ask again, whenever they hear a whole message.
struct Streams {
    epoll: Epoll,
    streams: Vec<TcpStream>,
    events: Vec<EpollEvent>,
}

impl Streams {
    fn new() -> Outcome<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        Ok(Self { epoll, streams: Vec::new(), events: vec![EpollEvent::empty(); 256] })
    }

    fn add(&mut self, stream: TcpStream) -> Outcome {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        self.epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, self.streams.len() as u64))?;
        self.streams.push(stream);
        Ok(())
    }

    /// Answers every message of this length with another; how many, and whether something else was ready.
    fn turn(&mut self, length: usize, say: &[u8], wait: u16) -> Outcome<(u64, bool)> {
        let (mut messages, mut other) = (0, false);
        let mut room = [0; 4096];
        let count = self.epoll.wait(&mut self.events, EpollTimeout::from(wait))?;
        for event in self.events.iter().take(count) {
            let Some(mut stream) =
                usize::try_from(event.data()).ok().and_then(|index| self.streams.get(index))
            else {
                other = true;
                continue;
            };
            match stream.read(&mut room) {
                Ok(0) => self.epoll.delete(stream)?,
                Ok(count) => {
                    for _ in 0..count / length {
                        match stream.write(say) {
                            Ok(written) => messages += u64::from(written == say.len()),
                            // A client that does not read, or is gone, is answered no more.
                            Err(_) => break,
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => self.epoll.delete(stream)?,
            }
        }
        Ok((messages, other))
    }
}

fn device() -> Outcome {
    descriptors()?;
    let mut streams = Streams::new()?;
    let mut listeners = Vec::new();
    for port in [PROXIED, PLAIN] {
        let listener = TcpListener::bind(("10.62.1.70", port))?;
        listener.set_nonblocking(true)?;
        streams.epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, u64::MAX))?;
        listeners.push(listener);
    }
    let stdin = std::io::stdin();
    streams.epoll.add(stdin.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, u64::MAX))?;
    ready()?;
    loop {
        let (_, other) = streams.turn(ASKED.len(), &ANSWER, 1_000)?;
        if !other {
            continue;
        }
        let mut accepted = false;
        for listener in &listeners {
            while let Ok((stream, _)) = listener.accept() {
                streams.add(stream)?;
                accepted = true;
            }
        }
        if !accepted {
            return Ok(());
        }
    }
}

fn connect(number: usize, port: u16) -> Outcome<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    let own = client(u8::try_from(number % 256)?);
    socket.bind(&SocketAddr::new(own, 0).into())?;
    let server: SocketAddr = format!("10.62.1.70:{port}").parse()?;
    socket.connect_timeout(&server.into(), Duration::from_secs(10))?;
    let stream: TcpStream = socket.into();
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

fn ask(mut stream: &TcpStream) -> Outcome {
    stream.write_all(&ASKED)?;
    let mut answer = [0; ANSWER.len()];
    stream.read_exact(&mut answer)?;
    if answer == ANSWER { Ok(()) } else { Err(format!("answered {answer:?}").into()) }
}

fn measured() -> Outcome {
    let limit = descriptors()?;
    let world = Proxied::build()?;
    let device = Process::start(&world.device, "device")?;
    let proxy = Process::start(&world.gateway, "proxy")?;
    // In namespaces of the client's, threads with the client's cores.
    let inside = |cores: &CpuSet, work: &(dyn Fn() -> Outcome + Sync)| {
        world.client.run(|| {
            sched_setaffinity(Pid::from_raw(0), cores)?;
            work()
        })?
    };
    let all = sched_getaffinity(Pid::from_raw(0))?;
    let (one, other) = two_cores(&all)?;
    // All on one core, a message costs what it costs; on several, also what it costs to wake another one.
    for (where_, cores) in [("one core", &one), ("any core", &all)] {
        device.pin(cores)?;
        proxy.pin(cores)?;
        inside(cores, &|| round_trips(&proxy, where_, 0))?;
    }
    device.pin(&one)?;
    proxy.pin(&other)?;
    inside(&one, &|| load(&proxy))?;
    inside(&all, &|| memory(&proxy, &device, (&one, &all), limit))
}

/// Two different ones of these cores, or the same twice where there is one.
fn two_cores(all: &CpuSet) -> Outcome<(CpuSet, CpuSet)> {
    let cores: Vec<usize> = (0..CpuSet::count()).filter(|core| all.is_set(*core) == Ok(true)).collect();
    let set = |core: Option<&usize>| {
        let mut set = CpuSet::new();
        set.set(*core.ok_or("no core")?)?;
        Outcome::Ok(set)
    };
    Ok((set(cores.first())?, set(cores.last())?))
}

/// Round trips of one connection, a thousand forwarded, a thousand proxied, and so on in turn.
fn round_trips(proxy: &Process, cores: &str, idle: usize) -> Outcome {
    let (proxied, plain) = (connect(0, PROXIED)?, connect(0, PLAIN)?);
    let mut took = [Vec::new(), Vec::new()];
    let before = proxy.cpu()?;
    for _ in 0..ROUNDS {
        for (stream, took) in [&plain, &proxied].into_iter().zip(&mut took) {
            for _ in 0..TRIPS {
                let start = Instant::now();
                ask(stream)?;
                took.push(start.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    let cpu = (proxy.cpu()? - before).as_secs_f64() * 1e6 / (ROUNDS * TRIPS) as f64;
    let [plain, proxied] = took.map(median);
    let table = Table::new(&[
        "idle beside",
        "forwarded, median us",
        "proxied, median us",
        "added us",
        "proxy CPU us",
    ])?;
    Ok(table.row(&[
        cores.to_owned(),
        idle.to_string(),
        format!("{plain:.1}"),
        format!("{proxied:.1}"),
        format!("{:.1}", proxied - plain),
        format!("{cpu:.1}"),
    ])?)
}

/// Connections that ask again as soon as they are answered.
fn load(proxy: &Process) -> Outcome {
    let table =
        Table::new(&["connections", "way", "transactions/s", "of one core", "transactions per CPU second"])?;
    for (way, port) in [("forwarded", PLAIN), ("proxied", PROXIED)] {
        let mut streams = Streams::new()?;
        for number in 0..CONNECTIONS {
            streams.add(connect(number, port)?)?;
        }
        for mut stream in &streams.streams {
            stream.write_all(&ASKED)?;
        }
        let mut turns = |time: Duration| -> Outcome<u64> {
            let (start, mut messages) = (Instant::now(), 0);
            while start.elapsed() < time {
                messages += streams.turn(ANSWER.len(), &ASKED, 1_000)?.0;
            }
            Ok(messages)
        };
        turns(LOAD / 8)?;
        let (start, before) = (Instant::now(), proxy.cpu()?);
        let messages = turns(LOAD)? as f64;
        let (wall, cpu) = (start.elapsed().as_secs_f64(), (proxy.cpu()? - before).as_secs_f64());
        let (share, per_cpu) = if port == PROXIED {
            (format!("{:.0} %", 100.0 * cpu / wall), format!("{:.0}", messages / cpu))
        } else {
            ("-".to_owned(), "-".to_owned())
        };
        let cells =
            [CONNECTIONS.to_string(), way.to_owned(), format!("{:.0}", messages / wall), share, per_cpu];
        table.row(&cells)?;
    }
    Ok(())
}

/// Thousands of connections that each asked once, and some that are stuffed until nothing more is taken.
fn memory(proxy: &Process, device: &Process, (one, all): (&CpuSet, &CpuSet), limit: usize) -> Outcome {
    device.pin(all)?;
    proxy.pin(all)?;
    // Two descriptors for each, and some that are no connections.
    let count = IDLE.min((limit - 128) / 2);
    let before = proxy.memory()?;
    let mut idle = Vec::with_capacity(count);
    let start = Instant::now();
    for number in 0..count {
        let stream = connect(number, PROXIED)?;
        ask(&stream)?;
        idle.push(stream);
    }
    let opened = start.elapsed().as_secs_f64();
    let each = (proxy.memory()? - before) / count as f64;
    let cpu = proxy.cpu()?;
    std::thread::sleep(Duration::from_secs(3));
    let quiet = (proxy.cpu()? - cpu).as_secs_f64() / 3.0;
    Table::new(&["idle connections", "opened in", "KiB each", "CPU while idle"])?.row(&[
        count.to_string(),
        format!("{opened:.1} s"),
        format!("{each:.1}"),
        format!("{:.2} %", quiet * 100.0),
    ])?;
    drop(idle.split_off(count - CLOGGED.min(count)));
    for (process, cores) in [(device, one), (proxy, one)] {
        process.pin(cores)?;
    }
    sched_setaffinity(Pid::from_raw(0), one)?;
    round_trips(proxy, "one core", idle.len())?;
    // In the places that became free: clients that ask and do not read.
    let before = proxy.memory()?;
    let mut clogged = Vec::new();
    let refused = [[0, 1, 0, 0, 0, 6, 1, 6, 0, 10, 0, 1], ASKED].concat().repeat(300);
    for number in 0..CLOGGED - 8 {
        let mut stream = connect(number, PROXIED)?;
        socket2::SockRef::from(&stream).set_recv_buffer_size(4096)?;
        stream.set_nonblocking(true)?;
        let mut last = Instant::now();
        while last.elapsed() < Duration::from_millis(10) {
            if stream.write(&refused).is_ok() {
                last = Instant::now();
            }
        }
        clogged.push(stream);
    }
    let each = (proxy.memory()? - before) / clogged.len() as f64;
    Table::new(&["clogged connections", "KiB each"])?
        .row(&[clogged.len().to_string(), format!("{each:.1}")])?;
    Ok(())
}
