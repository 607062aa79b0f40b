//! The protocols Ringwall knows by name: default ports and what they can secure.
//!
//! A port is a hint, never a proof. The rows come from the project's collection of protocol facts (default ports
//! compared over independent port lists; `verified` is the number of lists that agree, 2 = two or more, 0 = from
//! knowledge only); the two security columns are own judgement. `word` is what a plant text writes. Where a port
//! list names the port of the opposite direction too (SNMP notifications), it is a protocol of its own here, so that
//! a flow never opens more than it needs.

use crate::service::{PortRange, Transport};

/// How far a protocol secures itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secures {
    /// It cannot.
    No,
    /// Depends on settings, version or device.
    Optional,
    /// Always, or by normal use.
    Yes,
}

/// How the commands of a protocol are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// No commands: the protocol is opened by peer and port.
    None,
    /// Coils, discrete inputs, input and holding registers.
    Modbus,
    /// Data blocks and areas.
    S7,
    /// Nodes and subtrees.
    OpcUa,
    /// Object identifiers.
    Snmp,
    /// Files and folders.
    Files,
    /// Every verb, objects by name.
    Generic,
}

/// A protocol.
#[derive(Debug)]
pub struct Protocol {
    /// Stable id.
    pub id: &'static str,
    /// Word in the plant text.
    pub word: &'static str,
    /// Name people use.
    pub name: &'static str,
    /// Default transports; empty where the service itself names them.
    pub transports: &'static [Transport],
    /// Whether it authenticates.
    pub authenticates: Secures,
    /// Whether it encrypts.
    pub encrypts: Secures,
    /// How its commands are written.
    pub grammar: Grammar,
    /// Independent port lists that agree.
    pub verified: u8,
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Protocol {}

impl Protocol {
    /// The protocol a plant text names by `word`, by its id or by its word, in either case.
    pub fn by_word(word: &str) -> Option<&'static Self> {
        ALL.iter().find(|protocol| {
            protocol.word.eq_ignore_ascii_case(word) || protocol.id.eq_ignore_ascii_case(word)
        })
    }
}

use Secures::{No, Optional, Yes};

const fn tcp(first: u16, last: u16) -> Transport {
    Transport::Tcp(PortRange { first, last })
}

const fn udp(first: u16, last: u16) -> Transport {
    Transport::Udp(PortRange { first, last })
}

pub(crate) static TCP: Protocol = bare("tcp", "TCP");
pub(crate) static UDP: Protocol = bare("udp", "UDP");
pub(crate) static IP: Protocol = bare("ip", "IP protocol");
pub(crate) static PING: Protocol = bare("ping", "Ping");
pub(crate) static ANY: Protocol = bare("any", "Any");

/// A service that is a transport and nothing else.
const fn bare(word: &'static str, name: &'static str) -> Protocol {
    Protocol {
        id: word,
        word,
        name,
        transports: &[],
        authenticates: No,
        encrypts: No,
        grammar: Grammar::None,
        verified: 2,
    }
}

/// All protocols with a name of their own.
#[rustfmt::skip]
pub static ALL: &[Protocol] = &[
    Protocol { id: "modbus-tcp", word: "modbus", name: "Modbus TCP", transports: &[tcp(502, 502)], authenticates: No, encrypts: No, grammar: Grammar::Modbus, verified: 2 },
    Protocol { id: "modbus-tls", word: "modbus-tls", name: "Modbus/TCP Security", transports: &[tcp(802, 802)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Modbus, verified: 1 },
    Protocol { id: "s7comm", word: "s7comm", name: "S7comm (S7-300/400, PUT/GET)", transports: &[tcp(102, 102)], authenticates: No, encrypts: No, grammar: Grammar::S7, verified: 2 },
    Protocol { id: "s7comm-plus", word: "s7comm-plus", name: "S7comm-plus (S7-1200/1500)", transports: &[tcp(102, 102)], authenticates: Optional, encrypts: Optional, grammar: Grammar::S7, verified: 1 },
    Protocol { id: "opcua", word: "opcua", name: "OPC UA binary", transports: &[tcp(4840, 4840)], authenticates: Optional, encrypts: Optional, grammar: Grammar::OpcUa, verified: 2 },
    Protocol { id: "opcua-tls", word: "opcua-tls", name: "OPC UA over TLS / HTTPS", transports: &[tcp(4843, 4843)], authenticates: Yes, encrypts: Yes, grammar: Grammar::OpcUa, verified: 2 },
    Protocol { id: "opcda", word: "opcda", name: "OPC Classic (DCOM)", transports: &[tcp(135, 135)], authenticates: Optional, encrypts: Optional, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "enip", word: "enip", name: "EtherNet/IP explicit messages", transports: &[tcp(44818, 44818), udp(44818, 44818)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "enip-io", word: "enip-io", name: "EtherNet/IP implicit I/O", transports: &[udp(2222, 2222)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "cip-security", word: "cip-security", name: "CIP Security", transports: &[tcp(2221, 2221), udp(2221, 2221)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "cspv4", word: "cspv4", name: "CSPv4 / PCCC (PLC-5, SLC)", transports: &[tcp(2222, 2222)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "profinet-io", word: "profinet-io", name: "PROFINET IO context and RT over UDP", transports: &[udp(34962, 34964)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "profinet-rt", word: "profinet", name: "PROFINET RT / IRT", transports: &[Transport::Layer2], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 1 },
    Protocol { id: "profinet-dcp", word: "profinet-dcp", name: "PROFINET DCP", transports: &[Transport::Layer2], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "ethercat", word: "ethercat", name: "EtherCAT", transports: &[Transport::Layer2], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "ethercat-udp", word: "ethercat-udp", name: "EtherCAT over UDP", transports: &[udp(34980, 34980)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "sercos3", word: "sercos3", name: "SERCOS III", transports: &[Transport::Layer2], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 0 },
    Protocol { id: "powerlink", word: "powerlink", name: "Ethernet POWERLINK", transports: &[Transport::Layer2], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 1 },
    Protocol { id: "cclink-ie-field-basic", word: "cclink-ie-field-basic", name: "CC-Link IE Field Basic", transports: &[udp(61450, 61450)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "slmp-melsec-tcp", word: "slmp-melsec-tcp", name: "MELSEC / SLMP", transports: &[tcp(5007, 5007)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "melsec-udp", word: "melsec-udp", name: "MELSEC", transports: &[udp(5006, 5006)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "fins", word: "fins", name: "OMRON FINS", transports: &[tcp(9600, 9600), udp(9600, 9600)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "ads", word: "ads", name: "Beckhoff ADS/AMS", transports: &[tcp(48898, 48898)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "ads-discovery", word: "ads-discovery", name: "Beckhoff ADS discovery", transports: &[udp(48899, 48899)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 1 },
    Protocol { id: "codesys-v2", word: "codesys-v2", name: "CODESYS 2 runtime and gateway", transports: &[tcp(1200, 1200), tcp(2455, 2455)], authenticates: Optional, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "codesys-v3-gateway", word: "codesys-v3-gateway", name: "CODESYS 3 gateway", transports: &[tcp(1217, 1217)], authenticates: Optional, encrypts: Optional, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "codesys-v3", word: "codesys-v3", name: "CODESYS 3 runtime", transports: &[tcp(11740, 11740), udp(1740, 1740)], authenticates: Optional, encrypts: Optional, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "iec104", word: "iec104", name: "IEC 60870-5-104", transports: &[tcp(2404, 2404)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "dnp3", word: "dnp3", name: "DNP3", transports: &[tcp(20000, 20000), udp(20000, 20000)], authenticates: Optional, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "mms", word: "mms", name: "IEC 61850 MMS / ICCP", transports: &[tcp(102, 102)], authenticates: Optional, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "goose", word: "goose", name: "IEC 61850 GOOSE", transports: &[Transport::Layer2], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "c37118", word: "c37118", name: "IEEE C37.118 synchrophasor", transports: &[tcp(4712, 4712), udp(4713, 4713)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 1 },
    Protocol { id: "bacnet-ip", word: "bacnet-ip", name: "BACnet/IP", transports: &[udp(47808, 47808)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "knxnet-ip", word: "knxnet-ip", name: "KNXnet/IP", transports: &[tcp(3671, 3671), udp(3671, 3671)], authenticates: Optional, encrypts: Optional, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "hart-ip", word: "hart-ip", name: "HART-IP", transports: &[tcp(5094, 5094), udp(5094, 5094)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "ff-hse", word: "ff-hse", name: "FOUNDATION Fieldbus HSE", transports: &[tcp(1089, 1091), udp(1089, 1091)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "fl-net", word: "fl-net", name: "FL-net", transports: &[udp(55000, 55003)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "ge-srtp", word: "ge-srtp", name: "GE SRTP", transports: &[tcp(18245, 18245)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "pcworx", word: "pcworx", name: "Phoenix Contact PC WORX", transports: &[tcp(1962, 1962)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "proconos", word: "proconos", name: "ProConOS", transports: &[tcp(20547, 20547)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "crimson", word: "crimson", name: "Red Lion Crimson 3", transports: &[tcp(789, 789)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "niagara-fox", word: "niagara-fox", name: "Niagara Fox", transports: &[tcp(1911, 1911)], authenticates: Yes, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "niagara-foxs", word: "niagara-foxs", name: "Niagara Foxs", transports: &[tcp(4911, 4911)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "focas", word: "focas", name: "FANUC FOCAS", transports: &[tcp(8193, 8193)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "lsv2", word: "lsv2", name: "HEIDENHAIN LSV/2", transports: &[tcp(19000, 19000)], authenticates: Optional, encrypts: No, grammar: Grammar::Generic, verified: 0 },
    Protocol { id: "mtconnect", word: "mtconnect", name: "MTConnect adapter", transports: &[tcp(7878, 7878)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "secsgem", word: "secsgem", name: "SECS/GEM HSMS", transports: &[tcp(5000, 5000)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "umas", word: "umas", name: "Schneider UMAS", transports: &[tcp(502, 502)], authenticates: Optional, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "tristation", word: "tristation", name: "TriStation", transports: &[udp(1502, 1502)], authenticates: Optional, encrypts: No, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "dlms", word: "dlms", name: "DLMS/COSEM", transports: &[tcp(4059, 4059), udp(4059, 4059)], authenticates: Optional, encrypts: Optional, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "c1222", word: "c1222", name: "ANSI C12.22", transports: &[tcp(1153, 1153), udp(1153, 1153)], authenticates: Optional, encrypts: Optional, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "gvcp", word: "gvcp", name: "GigE Vision control", transports: &[udp(3956, 3956)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "hislip", word: "hislip", name: "HiSLIP instruments", transports: &[tcp(4880, 4880)], authenticates: No, encrypts: No, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "pi", word: "pi", name: "OSIsoft/AVEVA PI server", transports: &[tcp(5450, 5450)], authenticates: Yes, encrypts: Optional, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "mqtt", word: "mqtt", name: "MQTT", transports: &[tcp(1883, 1883)], authenticates: Optional, encrypts: No, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "mqtts", word: "mqtts", name: "MQTT over TLS", transports: &[tcp(8883, 8883)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Generic, verified: 2 },
    Protocol { id: "amqp", word: "amqp", name: "AMQP", transports: &[tcp(5672, 5672)], authenticates: Optional, encrypts: No, grammar: Grammar::None, verified: 1 },
    Protocol { id: "rtps", word: "rtps", name: "DDS RTPS", transports: &[udp(7401, 7401), udp(7412, 7412)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "http", word: "http", name: "HTTP", transports: &[tcp(80, 80)], authenticates: Optional, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "https", word: "https", name: "HTTPS", transports: &[tcp(443, 443)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 2 },
    Protocol { id: "vnc", word: "vnc", name: "VNC / RFB", transports: &[tcp(5900, 5900)], authenticates: Optional, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "rdp", word: "rdp", name: "Remote Desktop", transports: &[tcp(3389, 3389), udp(3389, 3389)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 2 },
    Protocol { id: "ssh", word: "ssh", name: "SSH", transports: &[tcp(22, 22)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 2 },
    Protocol { id: "telnet", word: "telnet", name: "Telnet", transports: &[tcp(23, 23)], authenticates: Optional, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "ftp", word: "ftp", name: "FTP", transports: &[tcp(21, 21)], authenticates: Optional, encrypts: No, grammar: Grammar::Files, verified: 2 },
    Protocol { id: "tftp", word: "tftp", name: "TFTP", transports: &[udp(69, 69)], authenticates: No, encrypts: No, grammar: Grammar::Files, verified: 2 },
    Protocol { id: "smb", word: "smb", name: "SMB", transports: &[tcp(445, 445)], authenticates: Yes, encrypts: Optional, grammar: Grammar::Files, verified: 2 },
    Protocol { id: "msrpc", word: "msrpc", name: "MS RPC endpoint mapper", transports: &[tcp(135, 135)], authenticates: Optional, encrypts: Optional, grammar: Grammar::None, verified: 1 },
    Protocol { id: "snmp", word: "snmp", name: "SNMP", transports: &[udp(161, 161)], authenticates: Optional, encrypts: Optional, grammar: Grammar::Snmp, verified: 2 },
    Protocol { id: "syslog", word: "syslog", name: "Syslog", transports: &[udp(514, 514)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "syslog-tls", word: "syslog-tls", name: "Syslog over TLS", transports: &[tcp(6514, 6514)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 2 },
    Protocol { id: "ntp", word: "ntp", name: "NTP", transports: &[udp(123, 123)], authenticates: Optional, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "ptp", word: "ptp", name: "PTP", transports: &[udp(319, 320)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "dns", word: "dns", name: "DNS", transports: &[tcp(53, 53), udp(53, 53)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 1 },
    Protocol { id: "dhcp", word: "dhcp", name: "DHCP", transports: &[udp(67, 68)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 0 },
    Protocol { id: "ldap", word: "ldap", name: "LDAP", transports: &[tcp(389, 389)], authenticates: Yes, encrypts: No, grammar: Grammar::None, verified: 2 },
    Protocol { id: "kerberos", word: "kerberos", name: "Kerberos", transports: &[tcp(88, 88), udp(88, 88)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 1 },
    Protocol { id: "radius", word: "radius", name: "RADIUS", transports: &[udp(1812, 1813)], authenticates: Yes, encrypts: No, grammar: Grammar::None, verified: 1 },
    Protocol { id: "wireguard", word: "wireguard", name: "WireGuard", transports: &[udp(51820, 51820)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 1 },
    Protocol { id: "ipsec", word: "ipsec", name: "IPsec IKE / NAT-T", transports: &[udp(500, 500), udp(4500, 4500)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 2 },
    Protocol { id: "openvpn", word: "openvpn", name: "OpenVPN", transports: &[tcp(1194, 1194), udp(1194, 1194)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 2 },
    Protocol { id: "ads-secure", word: "ads-secure", name: "Secure ADS", transports: &[tcp(8016, 8016)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "iec104-tls", word: "iec104-tls", name: "IEC 60870-5-104 over TLS", transports: &[tcp(19998, 19998)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "dnp3-tls", word: "dnp3-tls", name: "DNP3 over TLS", transports: &[tcp(19999, 19999), udp(19999, 19999)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "mms-tls", word: "mms-tls", name: "ISO transport over TLS (MMS)", transports: &[tcp(3782, 3782)], authenticates: Yes, encrypts: Yes, grammar: Grammar::Generic, verified: 1 },
    Protocol { id: "amqps", word: "amqps", name: "AMQP over TLS", transports: &[tcp(5671, 5671)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 1 },
    Protocol { id: "nts", word: "nts", name: "NTS key exchange", transports: &[tcp(4460, 4460)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 1 },
    Protocol { id: "radsec", word: "radsec", name: "RADIUS over TLS", transports: &[tcp(2083, 2083)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 1 },
    Protocol { id: "teamviewer", word: "teamviewer", name: "TeamViewer", transports: &[tcp(5938, 5938), udp(5938, 5938)], authenticates: Yes, encrypts: Yes, grammar: Grammar::None, verified: 1 },
    Protocol { id: "profisafe", word: "profisafe", name: "PROFIsafe on PROFINET", transports: &[Transport::Layer2], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 0 },
    Protocol { id: "snmp-trap", word: "snmp-trap", name: "SNMP notifications", transports: &[udp(162, 162)], authenticates: Optional, encrypts: Optional, grammar: Grammar::None, verified: 2 },
    Protocol { id: "raw-print", word: "raw9100", name: "Raw printing", transports: &[tcp(9100, 9100)], authenticates: No, encrypts: No, grammar: Grammar::None, verified: 0 },
    Protocol { id: "mssql", word: "mssql", name: "Microsoft SQL Server", transports: &[tcp(1433, 1433)], authenticates: Yes, encrypts: Optional, grammar: Grammar::None, verified: 0 },
    Protocol { id: "winrm", word: "winrm", name: "Windows Remote Management", transports: &[tcp(5985, 5986)], authenticates: Yes, encrypts: Optional, grammar: Grammar::None, verified: 0 },
];
