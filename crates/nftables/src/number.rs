//! Numbers of `linux/netfilter/nf_tables.h` and `linux/netlink.h` that the decoder branches on.
//!
//! Attribute numbers stand beside the code that reads them.

/// `NLMSG_ERROR`.
pub(crate) const ERROR: u16 = 2;
/// `NLMSG_DONE`.
pub(crate) const DONE: u16 = 3;
/// `NLMSG_OVERRUN`: the kernel had to drop messages.
pub(crate) const OVERRUN: u16 = 4;

/// `NLM_F_REQUEST`.
pub(crate) const F_REQUEST: u16 = 0x001;
/// `NLM_F_DUMP_INTR`: the ruleset changed while it was read.
pub(crate) const F_DUMP_INTR: u16 = 0x010;
/// `NLM_F_DUMP`.
pub(crate) const F_DUMP: u16 = 0x300;

/// `NFNL_SUBSYS_NFTABLES`, in the high byte of a message type.
pub(crate) const SUBSYSTEM: u16 = 10;

/// What a request asks for, and what the answer is called: `NFT_MSG_GET*` and `NFT_MSG_NEW*`.
pub(crate) mod msg {
    pub(crate) const NEW_TABLE: u16 = 0;
    pub(crate) const GET_TABLE: u16 = 1;
    pub(crate) const NEW_CHAIN: u16 = 3;
    pub(crate) const GET_CHAIN: u16 = 4;
    pub(crate) const NEW_RULE: u16 = 6;
    pub(crate) const GET_RULE: u16 = 7;
    pub(crate) const NEW_SET: u16 = 9;
    pub(crate) const GET_SET: u16 = 10;
    pub(crate) const NEW_ELEMENT: u16 = 12;
    pub(crate) const GET_ELEMENT: u16 = 13;
    pub(crate) const NEW_GENERATION: u16 = 15;
    pub(crate) const GET_GENERATION: u16 = 16;
    pub(crate) const NEW_OBJECT: u16 = 18;
    pub(crate) const GET_OBJECT: u16 = 19;
    pub(crate) const NEW_FLOWTABLE: u16 = 22;
    pub(crate) const GET_FLOWTABLE: u16 = 23;
}

/// `NFTA_LIST_ELEM`: each entry of a list.
pub(crate) const LIST_ELEM: u16 = 1;

/// Longest value of a register, a key or a map's data, in bytes.
pub(crate) const VALUE_MAX: usize = 64;
