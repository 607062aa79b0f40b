//! Namespaces, links, nft, TUN and surroundings on the running kernel. Each test runs itself again in a sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stop at the first surprise"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::IpAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use linux::around::Reading;
use linux::link::{self, End};
use linux::nft::{self, NftError};
use linux::{Error, Need, NetNs, Sandbox, Tun, address, neighbour, read_surroundings, route, sysctl};

const MARK: &str = "RINGWALL_TEST_INSIDE";

/// Runs the test `name` again inside a sandbox; there, and only there, runs `body`.
fn inside(name: &str, body: fn()) {
    if std::env::var_os(MARK).is_some() {
        return body();
    }
    let code = Sandbox::this_program(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(MARK, "1")
        .run()
        .unwrap();
    assert_eq!(code, 0, "{name} failed inside the sandbox");
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_sandbox_is_root_over_an_empty_network() {
    inside("a_sandbox_is_root_over_an_empty_network", || {
        assert!(nix::unistd::geteuid().is_root());
        let names: Vec<_> = link::list().unwrap().into_iter().map(|link| link.name).collect();
        assert_eq!(names, ["lo"]);
    });
}

#[test]
fn exit_codes_come_through() {
    for code in [0, 1, 4, 5, 77] {
        assert_eq!(Sandbox::program("/bin/sh", ["-c", &format!("exit {code}")]).run().unwrap(), code);
    }
    assert_eq!(Sandbox::program("/bin/sh", ["-c", "kill -TERM $$"]).run().unwrap(), 128 + 15);
    assert!(Sandbox::program("/nowhere/at/all", ["x"]).run().is_err());
}

#[test]
fn a_sandbox_dies_with_its_parent() {
    // The test program itself is the parent that gets killed; its child tells its number and then waits.
    if std::env::var_os("RINGWALL_TEST_PARENT").is_some() {
        Sandbox::program("/bin/sh", ["-c", "echo; echo PID $$; exec sleep 30"]).run().unwrap();
        return;
    }
    let mut parent = Command::new("/proc/self/exe")
        .args(["--exact", "a_sandbox_dies_with_its_parent", "--nocapture"])
        .env("RINGWALL_TEST_PARENT", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let child: u32 = lines
        .map_while(Result::ok)
        .find_map(|line| line.split_once("PID ")?.1.trim().parse().ok())
        .expect("the child tells its number");
    assert!(fs::metadata(format!("/proc/{child}")).is_ok());
    parent.kill().unwrap();
    parent.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    while fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < deadline, "the sandbox outlived its parent");
        std::thread::yield_now();
    }
}

/// Two namespaces joined by a cable.
fn cable() -> (NetNs, NetNs) {
    let (left, right) = (NetNs::new().unwrap(), NetNs::new().unwrap());
    link::add_veth(
        End { name: "left", mac: [2, 0, 0, 0, 0, 1], namespace: &left },
        End { name: "right", mac: [2, 0, 0, 0, 0, 2], namespace: &right },
    )
    .unwrap();
    for (namespace, name, own) in [(&left, "left", 1), (&right, "right", 2)] {
        namespace
            .run(|| {
                sysctl::quiet_ipv6().unwrap();
                address::add(name, ip(&format!("10.0.0.{own}")), 24).unwrap();
                link::set_up(name).unwrap();
                address::add(name, ip(&format!("fd00::{own}")), 64).unwrap();
            })
            .unwrap();
    }
    (left, right)
}

#[test]
fn datagrams_cross_a_cable_in_both_families() {
    inside("datagrams_cross_a_cable_in_both_families", || {
        let (left, right) = cable();
        for (from, to) in [("10.0.0.1", "10.0.0.2"), ("fd00::1", "fd00::2")] {
            let receiver = right.run(|| std::net::UdpSocket::bind((ip(to), 5000)).unwrap()).unwrap();
            receiver.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
            let sender = left.run(|| std::net::UdpSocket::bind((ip(from), 0)).unwrap()).unwrap();
            sender.send_to(b"hello", (ip(to), 5000)).unwrap();
            let mut buffer = [0; 16];
            let (length, peer) = receiver.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..length], peer.ip()), (&b"hello"[..], ip(from)));
        }
        // Nothing of it shows in the namespace the test itself is in.
        assert_eq!(link::list().unwrap().len(), 1);
        let listed = left.run(|| address::list().unwrap()).unwrap();
        assert!(listed.iter().any(|address| address.address == ip("10.0.0.1") && address.prefix == 24));
    });
}

#[test]
fn links_are_made_changed_and_deleted() {
    inside("links_are_made_changed_and_deleted", || {
        link::add_bridge("br0").unwrap();
        link::add_dummy("d0").or_else(|_| link::add("d0", "veth")).unwrap();
        link::set_master("d0", Some("br0")).unwrap();
        link::set_mtu("d0", 1400).unwrap();
        link::set_up("d0").unwrap();
        let links = link::list().unwrap();
        let bridge = links.iter().find(|link| link.name == "br0").unwrap();
        let port = links.iter().find(|link| link.name == "d0").unwrap();
        assert_eq!(bridge.kind.as_deref(), Some("bridge"));
        assert_eq!((port.master, port.mtu, port.up, port.xdp), (Some(bridge.index), 1400, true, false));
        link::set_master("d0", None).unwrap();
        neighbour::set("d0", ip("10.1.0.9"), [2, 0, 0, 0, 0, 9]).unwrap();
        link::set_down("d0").unwrap();
        link::delete("d0").unwrap();
        assert!(link::index_of("d0").is_err());
        assert!(link::delete("d0").is_err());
        assert!(link::add_bridge("br0").is_err(), "a name is not given twice");
    });
}

#[test]
fn nft_loads_replaces_and_says_where_a_text_is_wrong() {
    inside("nft_loads_replaces_and_says_where_a_text_is_wrong", || {
        nft::load("table inet a { chain c { type filter hook forward priority 0; policy drop; }; }\n")
            .unwrap();
        nft::replace("table inet b { }\n").unwrap();
        assert_eq!(
            nft::list().unwrap().split_whitespace().collect::<Vec<_>>(),
            ["table", "inet", "b", "{", "}"]
        );
        let error = nft::load("table inet a {\n  chain c { bogus }\n}\n").unwrap_err();
        assert!(matches!(error, NftError::Refused { line: Some(2), column: Some(_), .. }), "{error}");
        assert!(!nft::list().unwrap().contains("table inet a"), "a refused text leaves nothing");
        nft::flush().unwrap();
        assert_eq!(nft::list().unwrap(), "");
    });
}

#[test]
fn packets_go_in_and_out_of_tun_interfaces() {
    inside("packets_go_in_and_out_of_tun_interfaces", || {
        sysctl::router().unwrap();
        let (inner, outer) = match (Tun::open("t0"), Tun::open("t1")) {
            // Its device may be root's alone; then the sentence that says so is all there is to see.
            (Err(Error::Lacking(lacking)), _) => return assert_eq!(lacking.need, Need::Tun),
            (inner, outer) => (inner.unwrap(), outer.unwrap()),
        };
        for (name, own) in [("t0", "10.0.0.1"), ("t1", "10.0.1.1")] {
            link::set_up(name).unwrap();
            address::add(name, ip(own), 24).unwrap();
        }
        route::add(route::Route { to: (ip("192.0.2.0"), 24), via: None, link: "t1" }).unwrap();
        let packet = udp([10, 0, 0, 2], [192, 0, 2, 7]);
        inner.send(&packet).unwrap();
        let mut buffer = [0; 2048];
        let deadline = Instant::now() + Duration::from_secs(3);
        loop {
            let length =
                outer.receive(&mut buffer, deadline).unwrap().expect("forwarded before the deadline");
            if buffer[0] >> 4 == 4 {
                assert_eq!(buffer[12..length], packet[12..], "the same but for time to live and checksum");
                break;
            }
        }
        assert!(Tun::open("a-name-that-is-too-long").is_err());
    });
}

/// A UDP datagram without checksum.
fn udp(from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0];
    packet.extend(from);
    packet.extend(to);
    let sum: u32 = packet.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let check = !(u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap());
    packet[10..12].copy_from_slice(&check.to_be_bytes());
    packet.extend([0x27, 0x10, 0x27, 0x11, 0, 8, 0, 0]);
    packet
}

#[test]
fn surroundings_show_what_passes_around_nf_tables() {
    inside("surroundings_show_what_passes_around_nf_tables", || {
        let (left, _right) = cable();
        let before = left.run(read_surroundings).unwrap();
        assert_eq!(before.links.value().unwrap().len(), 2, "{before:#?}");
        assert!(before.bridges.value().unwrap().is_empty());
        assert!(before.filters.value().is_some_and(Vec::is_empty), "{:?}", before.filters);
        assert_eq!(before.settings.ip_forward, Reading::Read("0".to_owned()));
        assert_eq!(before.link_settings["left"].forwarding_v4, Reading::Read("0".to_owned()));

        let after = left
            .run(|| {
                sysctl::router().unwrap();
                link::add_bridge("br7").unwrap();
                link::set_master("left", Some("br7")).unwrap();
                read_surroundings()
            })
            .unwrap();
        let bridge = &after.bridges.value().unwrap()[0];
        assert_eq!((bridge.name.as_str(), bridge.ports.as_slice()), ("br7", &["left".to_owned()][..]));
        assert_eq!(after.settings.ip_forward, Reading::Read("1".to_owned()));
        assert_eq!(after.settings.tcp_loose, Reading::Read("0".to_owned()));
        assert_eq!(after.link_settings["left"].forwarding_v4, Reading::Read("1".to_owned()));
    });
}

/// Runs a command that a test needs and a bare machine lacks; `false` where it is not there.
fn command(program: &str, arguments: &str) -> bool {
    let lock = std::env::temp_dir().join(format!("ringwall-xtables-{}", std::process::id()));
    let status =
        Command::new(program).args(arguments.split_whitespace()).env("XTABLES_LOCKFILE", &lock).status();
    let _ = fs::remove_file(lock);
    if let Ok(status) = &status {
        assert!(status.success(), "{program} {arguments}");
    }
    status.is_ok()
}

#[test]
fn surroundings_show_traffic_control_and_legacy_tables() {
    inside("surroundings_show_traffic_control_and_legacy_tables", || {
        let (left, _right) = cable();
        left.run(|| {
            if command("/usr/sbin/tc", "qdisc add dev left clsact") {
                let redirect = "filter add dev left ingress protocol ip u32 match u32 0 0 action mirred egress \
                                redirect dev left";
                assert!(command("/usr/sbin/tc", redirect));
                let seen = read_surroundings();
                let qdiscs = seen.qdiscs.value().unwrap();
                assert!(qdiscs.iter().any(|qdisc| qdisc.kind == "clsact" && qdisc.link == "left"));
                let filters = seen.filters.value().unwrap();
                assert!(
                    filters.iter().any(|filter| filter.kind == "u32" && filter.point == "ingress" && filter.options),
                    "{filters:?}"
                );
            }
            if command("/usr/sbin/iptables-legacy", "-P FORWARD DROP") {
                let seen = read_surroundings();
                assert_eq!(seen.xtables["ip"], Reading::Read(vec!["filter".to_owned()]));
            }
        })
        .unwrap();
    });
}
