//! The ruleset as the kernel runs it: tables, chains, rules, sets and their elements.
//!
//! Values are the kernel's own bytes. Nothing here is interpreted: a register is a byte offset, a comparison is
//! a byte string. What the decoder does not know keeps its name and its bytes ([`Expression::Unknown`]), so a
//! reader can refuse it by name instead of missing it.

/// Everything nf_tables runs in one network namespace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ruleset {
    /// Generation the dump belongs to (`NFTA_GEN_ID`), where it was asked for.
    pub generation: Option<u32>,
    /// Tables in the order of the dump.
    pub tables: Vec<Table>,
    /// Attributes or messages that could not be decoded: where, and what. A ruleset with an entry here is not
    /// fully known, and nobody may call it equal to anything.
    pub undecoded: Vec<Undecoded>,
}

/// Something in the dump that could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecoded {
    /// Table, chain, rule handle or set it belongs to, as far as known, e.g. `inet ringwall forward handle 7`.
    pub place: String,
    /// What was found.
    pub what: String,
}

/// Address family of a table (`NFPROTO_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4 and IPv6 together.
    Inet,
    /// IPv4.
    Ip,
    /// IPv6.
    Ip6,
    /// ARP.
    Arp,
    /// Frames on bridge ports.
    Bridge,
    /// Frames on one device, before or after everything else.
    Netdev,
    /// A number this decoder has no name for.
    Other(u8),
}

/// One table with all it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Family of the table.
    pub family: Family,
    /// Name, unique within the family.
    pub name: String,
    /// The kernel's handle.
    pub handle: u64,
    /// `NFT_TABLE_F_*` bits; see [`Table::dormant`].
    pub flags: u32,
    /// Chains in the order of the dump.
    pub chains: Vec<Chain>,
    /// Sets and maps, anonymous ones included.
    pub sets: Vec<Set>,
    /// Stateful objects (counters, quotas, limits, helpers, time-outs ...).
    pub objects: Vec<Object>,
    /// Flow tables: packets in them pass around the rules.
    pub flowtables: Vec<Flowtable>,
}

/// A chain and its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Name, unique within the table.
    pub name: String,
    /// The kernel's handle.
    pub handle: u64,
    /// `NFT_CHAIN_*` flag bits (hardware offload, binding).
    pub flags: u32,
    /// Where the chain hangs, if it hangs anywhere.
    pub base: Option<Base>,
    /// Rules in order of evaluation.
    pub rules: Vec<Rule>,
}

/// The hook of a base chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Hook.
    pub hook: Hook,
    /// Priority within the hook: lower runs first.
    pub priority: i32,
    /// What happens to a packet no rule decided. [`Verdict::Accept`] or [`Verdict::Drop`].
    pub policy: Verdict,
    /// `filter`, `nat` or `route`.
    pub kind: String,
    /// Devices of an ingress or egress hook.
    pub devices: Vec<String>,
}

/// A hook of the packet's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// On arrival, before routing.
    Prerouting,
    /// Delivered to this machine.
    Input,
    /// Passing through this machine.
    Forward,
    /// Sent by this machine.
    Output,
    /// On departure, after routing.
    Postrouting,
    /// On a device, before everything else.
    Ingress,
    /// On a device, after everything else.
    Egress,
    /// A number this decoder has no name for.
    Other(u32),
}

/// One rule: expressions, evaluated in order until one fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The kernel's handle, unique within the table.
    pub handle: u64,
    /// Expressions in order.
    pub expressions: Vec<Expression>,
    /// The comment a person gave it.
    pub comment: Option<String>,
}

/// A data register: byte offset into the 64 bytes of data registers (`NFT_REG_1` and `NFT_REG32_00` are 0,
/// `NFT_REG32_01` is 4, `NFT_REG_2` is 16 ...).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register(pub u8);

/// What a payload offset counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayloadBase {
    /// Link layer header.
    Link,
    /// Network header.
    Network,
    /// Transport header.
    Transport,
    /// Inside the transport payload.
    Inner,
    /// A number this decoder has no name for.
    Other(u32),
}

/// Keys of `meta` (`NFT_META_*`) that have a meaning of their own here; the rest keep their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetaKey {
    /// Packet length.
    Length,
    /// Link layer protocol, network byte order (`meta protocol`).
    Protocol,
    /// Packet mark.
    Mark,
    /// Index of the incoming interface.
    Iif,
    /// Index of the outgoing interface.
    Oif,
    /// Name of the incoming interface.
    IifName,
    /// Name of the outgoing interface.
    OifName,
    /// Network protocol family (`NFPROTO_IPV4` = 2, `NFPROTO_IPV6` = 10).
    NfProto,
    /// Transport protocol.
    L4Proto,
    /// Any other key, by its number.
    Other(u32),
}

/// Keys of `ct` (`NFT_CT_*`) that have a meaning of their own here; the rest keep their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CtKey {
    /// State bit mask: invalid 1, established 2, related 4, new 8, untracked 64.
    State,
    /// Direction: 0 original, 1 reply.
    Direction,
    /// Connection status bits.
    Status,
    /// Connection mark.
    Mark,
    /// Network protocol of the connection.
    L3Protocol,
    /// Transport protocol of the connection.
    Protocol,
    /// Source address of the tuple (`NFT_CT_SRC`, `NFT_CT_SRC_IP`, `NFT_CT_SRC_IP6`).
    Source(AddressKind),
    /// Destination address of the tuple.
    Destination(AddressKind),
    /// Source port of the tuple.
    SourcePort,
    /// Destination port of the tuple.
    DestinationPort,
    /// Any other key, by its number.
    Other(u32),
}

/// Which address a `ct` address key loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressKind {
    /// As long as the family of the connection says (`NFT_CT_SRC`, `NFT_CT_DST`).
    ByFamily,
    /// IPv4 only; the load fails for an IPv6 connection.
    V4,
    /// IPv6 only; the load fails for an IPv4 connection.
    V6,
}

/// Direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the one who opened it.
    Original,
    /// Back to the one who opened it.
    Reply,
}

/// Comparison operators of `cmp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
}

/// What `bitwise` does to the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bitwise {
    /// `(value & mask) ^ xor`, all of the same length.
    Mask {
        /// Bits kept.
        mask: Vec<u8>,
        /// Bits flipped.
        xor: Vec<u8>,
    },
    /// Shift left by bits, over 32-bit words.
    ShiftLeft(u32),
    /// Shift right by bits, over 32-bit words.
    ShiftRight(u32),
    /// And / or / xor with another register, or an operation this decoder has no name for.
    Other(u32),
}

/// The address or port rewriting of `nat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NatKind {
    /// Source.
    Source,
    /// Destination.
    Destination,
}

/// One expression. Loads fill a register, matches test one, statements act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// Load bytes of the packet.
    Payload {
        /// What the offset counts from.
        base: PayloadBase,
        /// Offset in bytes.
        offset: u32,
        /// Length in bytes.
        len: u32,
        /// Where to.
        dreg: Register,
    },
    /// Load metadata.
    Meta {
        /// Which.
        key: MetaKey,
        /// Where to.
        dreg: Register,
    },
    /// Set metadata from a register.
    MetaSet {
        /// Which.
        key: MetaKey,
        /// Where from.
        sreg: Register,
    },
    /// Load a property of the connection.
    Ct {
        /// Which.
        key: CtKey,
        /// Of which direction's tuple.
        direction: Option<Direction>,
        /// Where to.
        dreg: Register,
    },
    /// Set a property of the connection.
    CtSet {
        /// Which.
        key: CtKey,
        /// Where from.
        sreg: Register,
    },
    /// Compare a register with bytes (memcmp order).
    Cmp {
        /// Register.
        sreg: Register,
        /// Operator.
        op: Comparison,
        /// Bytes.
        data: Vec<u8>,
    },
    /// Compare a register with a closed range of byte strings.
    Range {
        /// Register.
        sreg: Register,
        /// Match outside instead of inside.
        negate: bool,
        /// Lowest.
        from: Vec<u8>,
        /// Highest.
        to: Vec<u8>,
    },
    /// Bit operation between registers.
    Bitwise {
        /// Where from.
        sreg: Register,
        /// Where to.
        dreg: Register,
        /// Length in bytes.
        len: u32,
        /// Operation.
        op: Bitwise,
    },
    /// Swap bytes of each word of `size` bytes, over `len` bytes.
    Byteorder {
        /// Where from.
        sreg: Register,
        /// Where to.
        dreg: Register,
        /// Length in bytes.
        len: u32,
        /// Bytes per word: 2, 4 or 8.
        size: u32,
    },
    /// Look a register up in a set or map.
    Lookup {
        /// Name of the set, in the same table.
        set: String,
        /// Key register.
        sreg: Register,
        /// Where a map puts its value; `None` for a plain set.
        dreg: Option<Target>,
        /// Match when the key is absent.
        invert: bool,
    },
    /// Put a constant or a verdict in a register.
    Immediate(Immediate),
    /// Count packets and bytes: no effect on a verdict.
    Counter,
    /// Write to the log: no effect on a verdict.
    Log,
    /// Rate limit: a stateful match.
    Limit {
        /// Match above the limit instead of below.
        invert: bool,
    },
    /// Quota: a stateful match.
    Quota,
    /// Number of connections: a stateful match.
    Connlimit,
    /// Time of last use: no effect on a verdict.
    Last,
    /// Refuse with an answer.
    Reject,
    /// Address translation to one address, one port, or both; to a range or a prefix it is a
    /// [`Expression::Statement`].
    Nat {
        /// Source or destination.
        kind: NatKind,
        /// Lowest address register.
        address: Option<Register>,
        /// Lowest port register.
        port: Option<Register>,
        /// Address family of the operand (2 or 10).
        family: u32,
    },
    /// Source translation to the outgoing address.
    Masquerade,
    /// Destination translation to this machine; to a range of ports it is a [`Expression::Statement`].
    Redirect {
        /// Lowest port register.
        port: Option<Register>,
    },
    /// Hand to a transparent local socket.
    Tproxy {
        /// Address family (2, 10, or 0 for either).
        family: u32,
        /// Address register.
        address: Option<Register>,
        /// Port register.
        port: Option<Register>,
    },
    /// Property of the local socket the packet belongs to; the load fails where there is none.
    Socket {
        /// 0 transparent, 1 mark, 2 wildcard, 3 cgroup.
        key: u32,
        /// Where to.
        dreg: Register,
    },
    /// Hand to user space.
    Queue,
    /// Do not track the connection.
    Notrack,
    /// Add, update or delete an element of a set from the packet.
    Dynset {
        /// Name of the set.
        set: String,
        /// Match when the update did not happen.
        invert: bool,
    },
    /// Use a named object (counter, quota, limit, helper ...) of the table.
    Objref {
        /// `NFT_OBJECT_*` number, where the reference is immediate.
        kind: Option<u32>,
        /// Name of the object, or of the map that finds it.
        name: String,
    },
    /// A load this crate knows by name but whose value it does not model (`fib`, `rt`, `exthdr`, `osf`,
    /// `numgen`, `hash`, `xfrm`, `tunnel`, `inner` ...). It has no effect but the register, and may fail.
    OpaqueLoad {
        /// Kernel's name of the expression.
        name: String,
        /// Whether the same packet always yields the same value (`numgen` does not).
        pure: bool,
        /// Where to.
        dreg: Register,
        /// Most bytes it may write to the register.
        len: u32,
        /// The expression's own attributes without the destination register, in the order of the dump: where
        /// `pure` holds, equal bytes mean the same predicate, whichever register it fills. Attributes do not
        /// tell what is in a source register, so a load that has one is not `pure`.
        raw: Vec<u8>,
    },
    /// A legacy xtables match or target (`match`, `target`) wrapped in a rule.
    Xtables {
        /// `match` or `target`.
        kind: String,
        /// Name of the extension.
        name: String,
        /// The expression's own attribute bytes.
        raw: Vec<u8>,
    },
    /// A known statement that changes where or whether a packet goes, and is not modelled (`dup`, `fwd`,
    /// `flow_offload`, `synproxy`, payload and extension header writes).
    Statement {
        /// Kernel's name, or a short description.
        name: String,
    },
    /// An expression this crate has no name for.
    Unknown {
        /// Kernel's name.
        name: String,
        /// Its attribute bytes.
        raw: Vec<u8>,
    },
}

/// Where a map lookup puts its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A data register.
    Data(Register),
    /// The verdict register.
    Verdict,
}

/// A constant for a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Immediate {
    /// Bytes for a data register.
    Value {
        /// Where to.
        dreg: Register,
        /// Bytes.
        data: Vec<u8>,
    },
    /// A verdict.
    Verdict(Verdict),
}

/// What happens to the packet next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Go on to the next base chain of the hook.
    Accept,
    /// Gone.
    Drop,
    /// Next rule.
    Continue,
    /// Next rule (the rest of this one is skipped).
    Break,
    /// Back to the rule after the jump; in a base chain, its policy.
    Return,
    /// Into a chain and back.
    Jump(String),
    /// Into a chain, not back.
    Goto(String),
    /// A code this decoder has no name for (queue, stolen ...).
    Other(i32),
}

/// A set or map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Name, unique within the table; anonymous sets are called `__set0`, `__map1` ...
    pub name: String,
    /// The kernel's handle.
    pub handle: u64,
    /// `NFT_SET_*` flag bits; see the methods.
    pub flags: u32,
    /// nft's own type number of the key (6 bits per component, highest first).
    pub key_type: u32,
    /// Length of a key in bytes.
    pub key_len: u32,
    /// nft's own type number of a map's data; 0xffff_ff00 is a verdict.
    pub data_type: u32,
    /// Length of a map's data in bytes.
    pub data_len: u32,
    /// Byte length of each component of a concatenation, not padded; empty when there is no concatenation
    /// description.
    pub fields: Vec<u32>,
    /// Default life of an element, milliseconds.
    pub timeout: Option<u64>,
    /// Elements in the order of the dump.
    pub elements: Vec<Element>,
}

/// One element of a set or map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Key bytes; for an interval set without `key_end`, the start (or the end, see `interval_end`).
    pub key: Vec<u8>,
    /// Highest key of a closed interval, component by component.
    pub key_end: Option<Vec<u8>>,
    /// This element is the open end of the interval that began with the element before it in key order.
    pub interval_end: bool,
    /// Matches every key no other element matches.
    pub catchall: bool,
    /// A map's value.
    pub data: Option<Data>,
    /// Life from insertion, milliseconds, where it differs from the set's; 0 is without end.
    pub timeout: Option<u64>,
    /// Life left at the time of the dump, milliseconds; `None` is without end.
    pub expiration: Option<u64>,
    /// The comment a person gave it.
    pub comment: Option<String>,
    /// Stateful expressions on the element that may fail (limit, quota, connlimit).
    pub conditions: Vec<Expression>,
}

/// A map's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Bytes.
    Value(Vec<u8>),
    /// A verdict.
    Verdict(Verdict),
    /// A named object.
    Object(String),
}

/// A stateful object of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// `NFT_OBJECT_*` number: 1 counter, 2 quota, 3 connection helper, 4 limit ...
    pub kind: u32,
    /// Name, unique within table and kind.
    pub name: String,
    /// The kernel's handle.
    pub handle: u64,
}

/// A flow table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flowtable {
    /// Name.
    pub name: String,
    /// The kernel's handle.
    pub handle: u64,
    /// Devices it is bound to.
    pub devices: Vec<String>,
}

impl Table {
    /// Whether the table is switched off (`NFT_TABLE_F_DORMANT`).
    pub fn dormant(&self) -> bool {
        self.flags & 1 != 0
    }

    /// The set of this name.
    pub fn set(&self, name: &str) -> Option<&Set> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The chain of this name.
    pub fn chain(&self, name: &str) -> Option<&Chain> {
        self.chains.iter().find(|chain| chain.name == name)
    }
}

impl Set {
    /// Whether keys are intervals (`NFT_SET_INTERVAL`).
    pub fn interval(&self) -> bool {
        self.flags & 0x4 != 0
    }

    /// Whether it is a map (`NFT_SET_MAP`).
    pub fn map(&self) -> bool {
        self.flags & 0x8 != 0
    }

    /// Whether packets may add or update elements (`NFT_SET_EVAL`).
    pub fn changed_by_packets(&self) -> bool {
        self.flags & 0x20 != 0
    }

    /// Whether it maps to objects (`NFT_SET_OBJECT`).
    pub fn objects(&self) -> bool {
        self.flags & 0x40 != 0
    }
}

impl Family {
    /// nft's word for the family.
    pub fn word(self) -> &'static str {
        match self {
            Family::Inet => "inet",
            Family::Ip => "ip",
            Family::Ip6 => "ip6",
            Family::Arp => "arp",
            Family::Bridge => "bridge",
            Family::Netdev => "netdev",
            Family::Other(_) => "?",
        }
    }
}

impl Hook {
    /// nft's word for the hook.
    pub fn word(self) -> &'static str {
        match self {
            Hook::Prerouting => "prerouting",
            Hook::Input => "input",
            Hook::Forward => "forward",
            Hook::Output => "output",
            Hook::Postrouting => "postrouting",
            Hook::Ingress => "ingress",
            Hook::Egress => "egress",
            Hook::Other(_) => "?",
        }
    }
}
