//! The keys of the language, declared once.
//!
//! The reader can only read what stands here and refuses everything else; the JSON Schema is made from the same
//! tables. So what editors complete and what the reader takes cannot drift apart.

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Any text.
    Plain,
    /// An id.
    Id,
    /// An IP address.
    Address,
    /// A network with its length.
    Network,
    /// The name of an interface.
    Port,
    /// A duration.
    Duration,
    /// A window of time.
    Window,
    /// `SL 0` to `SL 4`.
    Level,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    /// A text.
    Text(Form),
    /// A text or a list of texts.
    Texts(Form),
    /// A whole number between these.
    Whole(i64, i64),
    /// True or false.
    Flag,
    /// A day.
    Day,
    /// A table.
    Table(&'static Shape),
    /// A text or a table.
    TextOrTable(Form, &'static Shape),
    /// A table of texts with free keys.
    Words,
    /// Tables by id.
    Map(&'static Shape),
    /// A list of tables.
    Tables(&'static Shape),
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) value: Value,
    pub(crate) required: bool,
    /// What it means, for the schema.
    pub(crate) doc: &'static str,
    /// A value a person could write, for messages.
    pub(crate) example: &'static str,
}

/// A table of the language.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
}

const fn key(name: &'static str, value: Value, example: &'static str, doc: &'static str) -> Key {
    Key { name, value, required: false, doc, example }
}

const fn must(name: &'static str, value: Value, example: &'static str, doc: &'static str) -> Key {
    Key { name, value, required: true, doc, example }
}

use Value::{Day, Flag, Map, Table, Tables, Text, TextOrTable, Texts, Whole, Words};

const TITLE: Key =
    key("title", Text(Form::Plain), "\"Line PLC\"", "Name for people; the mark on the cabinet.");
const WAS: Key = key("was", Texts(Form::Id), "\"old-id\"", "Former id of a renamed thing.");
const WHY: Key = key(
    "why",
    Text(Form::Plain),
    "\"order data\"",
    "Why it is needed; for an essential flow, what stops when it stops.",
);
const DECLARED: Key = key(
    "declared",
    TextOrTable(Form::Level, &LEVELS),
    "\"SL 2\"",
    "Security level (SL) somebody wants: one for all, or one per requirement group.",
);
const VERSION: Key = key("ringwall", Whole(1, 1), "1", "Version of the language.");

/// A plant file.
pub(crate) static PLANT_FILE: Shape = Shape {
    name: "plant text",
    doc: "A plant, or a part of it.",
    keys: &[
        VERSION,
        key("plant", Table(&PLANT), "{ id = \"line1\" }", "The plant itself."),
        key("method", Table(&METHOD), "{ levels = \"attacker\" }", "How the assessment is made."),
        key("tolerance", Table(&TOLERANCE), "", "The risk matrix of the plant, and what may stay."),
        key(
            "context",
            Words,
            "{ cabinet = \"locked\" }",
            "Surroundings that are taken for granted, in the builder's words.",
        ),
        key("zones", Map(&ZONE), "", "Zones by id: groups of devices with the same need for protection."),
        key("assets", Map(&ASSET), "", "Devices by id."),
        key("conduits", Map(&CONDUIT), "", "Conduits by id: the only ways between two zones."),
        key("flows", Tables(&FLOW), "", "Permitted flows; everything else is denied."),
        key("states", Map(&STATE), "", "Ordered states of the plant, such as a key switch."),
        key("roles", Map(&ROLE), "", "Roles by id."),
        key("people", Map(&PERSON), "", "People by id."),
        key("remote", Tables(&REMOTE), "", "Remote sessions on approval."),
        key("nat", Tables(&NAT), "", "One-to-one translation of addresses, per leg."),
        key("expect", Tables(&EXPECT), "", "The plant's own tests."),
    ],
};

/// A file of decisions.
pub(crate) static DECISIONS_FILE: Shape = Shape {
    name: "decisions",
    doc: "Decisions of people about a plant.",
    keys: &[
        VERSION,
        key(
            "port-only",
            Tables(&PORT_ONLY),
            "",
            "Flows opened by peer and port although their commands are limited.",
        ),
        key(
            "proxy-loss",
            Tables(&PROXY_LOSS),
            "",
            "What happens to essential flows when the command proxy does not run.",
        ),
        key("attest", Tables(&ATTEST), "", "What people vouch for because nothing here can measure it."),
        key("accept", Tables(&ACCEPT), "", "Risks that stay as they are."),
        key(
            "compensate",
            Tables(&COMPENSATE),
            "",
            "What holds for a requirement that is not met, until a day.",
        ),
        key("not-applicable", Tables(&NOT_APPLICABLE), "", "Requirements that have nothing to be about."),
        key("override", Tables(&OVERRIDE), "", "Target levels that differ from the derived ones."),
    ],
};

static PLANT: Shape = Shape {
    name: "plant",
    doc: "The plant itself.",
    keys: &[
        must("id", Text(Form::Id), "\"line1\"", "Id of the plant."),
        key("name", Text(Form::Plain), "\"Assembly line 1\"", "Name people use."),
        key("owner", Text(Form::Plain), "\"Example Ltd\"", "Asset owner."),
        key("builder", Text(Form::Plain), "\"Example Ltd\"", "Machine builder."),
        key("integrator", Text(Form::Plain), "\"Example Ltd\"", "Integrator."),
        key("maintainer", Text(Form::Plain), "\"Example Ltd\"", "Maintenance provider."),
        key(
            "timezone",
            Text(Form::Plain),
            "\"Europe/Berlin\"",
            "IANA time zone; needed as soon as any time is named.",
        ),
    ],
};

static ZONE: Shape = Shape {
    name: "zone",
    doc: "A zone: devices with the same need for protection.",
    keys: &[
        TITLE,
        key("legs", Tables(&LEG), "[{ port = \"z1\" }]", "Legs of the gateway into the zone."),
        DECLARED,
        key("owner", Text(Form::Plain), "\"operator\"", "Who may decide about this zone."),
        key("untrusted", Flag, "true", "Exposed."),
        key("outside", Flag, "true", "Not under consideration: a source of threats, a peer of flows."),
        WAS,
    ],
};

static LEG: Shape = Shape {
    name: "leg",
    doc: "One interface of the gateway with the networks behind it.",
    keys: &[
        must("port", Text(Form::Port), "\"z1\"", "Name of the interface."),
        must("network", Texts(Form::Network), "[\"10.62.1.0/24\"]", "Networks directly behind it."),
        must("gateway", Texts(Form::Address), "\"10.62.1.1\"", "The gateway's own addresses on it."),
        key(
            "default-route",
            Flag,
            "true",
            "All addresses outside the plant's networks are behind it; at most one leg.",
        ),
    ],
};

static ASSET: Shape = Shape {
    name: "asset",
    doc: "A device.",
    keys: &[
        TITLE,
        must("zone", Text(Form::Id), "\"control\"", "Zone it stands in."),
        must("kind", Text(Form::Id), "\"plc\"", "Kind: `plc`, `safety-plc`, `hmi` ..."),
        key("address", Texts(Form::Address), "\"10.62.1.10\"", "Addresses."),
        key("interfaces", Tables(&INTERFACE), "[{ leg = \"z1\" }]", "Further interfaces."),
        key("product", Table(&PRODUCT), "{ vendor = \"Siemens\" }", "Product data."),
        key("function", Words, "{ downtime = \"1 day\" }", "What it is for, in machine words."),
        key("capability", TextOrTable(Form::Level, &LEVELS), "\"SL 1\"", "Level the maker states (SL-C)."),
        key("services", Texts(Form::Plain), "[\"s7comm\"]", "Services it offers, flow or not."),
        key("temporary", Flag, "true", "Only sometimes connected."),
        key("wireless", Flag, "true", "Connected by radio."),
        key("removable-media", Flag, "true", "Takes sticks, cards or discs."),
        WAS,
    ],
};

static INTERFACE: Shape = Shape {
    name: "interface",
    doc: "An interface of a device.",
    keys: &[
        key("leg", Text(Form::Port), "\"z1\"", "Leg it hangs on; found by its address where it is left out."),
        key("address", Texts(Form::Address), "\"10.62.1.10\"", "Addresses."),
        key("mac", Text(Form::Plain), "\"28:63:36:00:00:01\"", "MAC address."),
        key("medium", Text(Form::Plain), "\"ethernet\"", "Medium."),
    ],
};

static PRODUCT: Shape = Shape {
    name: "product",
    doc: "Product data.",
    keys: &[
        key("vendor", Text(Form::Plain), "\"Siemens\"", "Maker."),
        key("name", Text(Form::Plain), "\"S7-1515-2\"", "Name."),
        key("order", Text(Form::Plain), "\"6ES7515-2AM02-0AB0\"", "Order number."),
        key("version", Text(Form::Plain), "\"2.9\"", "Version of firmware or software."),
    ],
};

/// Requirement groups in the order of a level vector.
pub(crate) const GROUPS: [&str; 7] = ["IAC", "UC", "SI", "DC", "RDF", "TRE", "RA"];

static LEVELS: Shape = Shape {
    name: "levels",
    doc: "A level from 0 to 4 for each requirement group; one left out is 0.",
    keys: &[
        key("IAC", Whole(0, 4), "2", "Identification and authentication."),
        key("UC", Whole(0, 4), "2", "Use control."),
        key("SI", Whole(0, 4), "2", "System integrity."),
        key("DC", Whole(0, 4), "2", "Data confidentiality."),
        key("RDF", Whole(0, 4), "2", "Restricted data flow."),
        key("TRE", Whole(0, 4), "2", "Timely response to events."),
        key("RA", Whole(0, 4), "2", "Resource availability."),
    ],
};

static CONDUIT: Shape = Shape {
    name: "conduit",
    doc: "The way between two zones.",
    keys: &[
        must("between", Texts(Form::Id), "[\"control\", \"data\"]", "The two zones."),
        TITLE,
        DECLARED,
        key(
            "on-gateway-loss",
            Text(Form::OneOf(&["closed", "stays"])),
            "\"closed\"",
            "What happens when the gateway is lost.",
        ),
        WAS,
    ],
};

const FROM: Key = must(
    "from",
    Texts(Form::Plain),
    "\"plc1\"",
    "Who opens the connection: an asset, an address, a network or `gateway`.",
);
const TO: Key = must(
    "to",
    Texts(Form::Plain),
    "\"plc1\"",
    "Who is spoken to: an asset, an address, a network or `gateway`.",
);
const SERVICE: Key = must(
    "service",
    Texts(Form::Plain),
    "\"s7comm\"",
    "Service: `s7comm`, `modbus unit 1`, `https port 8531`, `tcp 49152` ...",
);
const ALLOW: Key = key(
    "allow",
    Texts(Form::Plain),
    "[\"read DB900\"]",
    "Permitted commands: verb, object, limit. Left out: any.",
);
const WHEN: Key = key("when", Text(Form::Window), "\"daily 02:00-03:00\"", "Open only then, in local time.");
const APPROVE: Key = key(
    "approve",
    Texts(Form::Id),
    "[\"shift-lead\"]",
    "Roles that must approve, each by a different person.",
);
const LONGEST: Key = key("longest", Text(Form::Duration), "\"2h\"", "Longest life of one approval.");
const WHILE: Key = key(
    "while",
    Text(Form::Plain),
    "\"key >= ONLINE\"",
    "Open only while a state has at least / exactly a value.",
);
const ENFORCED_BY: Key = key(
    "enforced-by",
    Text(Form::OneOf(&["gateway", "server"])),
    "\"server\"",
    "Who enforces `allow`: `server` where the channel is encrypted.",
);

static FLOW: Shape = Shape {
    name: "flow",
    doc: "A permitted flow.",
    keys: &[
        must("id", Text(Form::Id), "\"F01\"", "Id; never changes."),
        FROM,
        TO,
        SERVICE,
        ALLOW,
        WHY,
        key("essential", Flag, "true", "Security must never block it."),
        ENFORCED_BY,
        WHEN,
        APPROVE,
        LONGEST,
        WHILE,
        WAS,
    ],
};

static REMOTE: Shape = Shape {
    name: "remote session",
    doc: "A remote session: open only after approval.",
    keys: &[
        must("id", Text(Form::Id), "\"F19\"", "Id; never changes."),
        must("who", Text(Form::Id), "\"robot-vendor\"", "Company or role whose named people may ask."),
        FROM,
        TO,
        key("via", Text(Form::Id), "\"jmp1\"", "Jump host: two hops, open and closed together."),
        SERVICE,
        ALLOW,
        WHY,
        ENFORCED_BY,
        WHEN,
        must(
            "approve",
            Texts(Form::Id),
            "[\"shift-lead\"]",
            "Roles that must approve, each by a different person.",
        ),
        must("longest", Text(Form::Duration), "\"2h\"", "Longest life of one approval."),
        key(
            "factor",
            Text(Form::OneOf(&["one", "second"])),
            "\"second\"",
            "Whether a second factor is asked for.",
        ),
        key("record", Flag, "true", "Whether the session is recorded."),
        WHILE,
        WAS,
    ],
};

static STATE: Shape = Shape {
    name: "state",
    doc: "An ordered state of the plant.",
    keys: &[
        must("values", Texts(Form::Id), "[\"OFF\", \"ON\"]", "Values, lowest first."),
        must("source", Text(Form::Plain), "\"gpio 4,5\"", "Where the value comes from; hard-wired."),
        TITLE,
    ],
};

static ROLE: Shape = Shape {
    name: "role",
    doc: "A role.",
    keys: &[TITLE, key("may", Texts(Form::Plain), "[\"approve remote\"]", "What it may do.")],
};

static PERSON: Shape = Shape {
    name: "person",
    doc: "A person.",
    keys: &[
        must("name", Text(Form::Plain), "\"K. Meier\"", "Name."),
        must("role", Texts(Form::Id), "\"shift-lead\"", "Roles held."),
    ],
};

static NAT: Shape = Shape {
    name: "translation",
    doc: "One-to-one translation of an address on a leg.",
    keys: &[
        must("leg", Text(Form::Port), "\"x0\"", "Leg."),
        must("outside", Text(Form::Address), "\"10.20.30.41\"", "Address others use."),
        must("inside", Text(Form::Id), "\"m01\"", "Device."),
    ],
};

static EXPECT: Shape = Shape {
    name: "case",
    doc: "A test the plant carries.",
    keys: &[
        key("id", Text(Form::Id), "\"17b\"", "Id; the number in the text where it is left out."),
        must("say", Text(Form::Plain), "\"10.62.2.20 -> 10.62.1.70 modbus read holding 0\"", "What is sent."),
        must(
            "verdict",
            Text(Form::Plain),
            "\"allow\"",
            "`allow`, `deny`, `deny by command`, `cut`, `blind`, `alarm`.",
        ),
        key("at", Text(Form::Plain), "\"02:30\"", "Moment: `02:30`, `Sun 02:00` or RFC 3339."),
        key("given", Texts(Form::Plain), "[\"F19 approved\"]", "Approvals and states."),
        key("after", Text(Form::Duration), "\"31min\"", "Time into a session under way."),
        WHY,
    ],
};

const DECIDED_BY: Key = must("who", Text(Form::Plain), "\"K. Meier\"", "Who decided.");
const IN_ROLE: Key = must("role", Text(Form::Plain), "\"automation-engineer\"", "In which role.");
const DATE: Key = must("date", Day, "\"2026-11-30\"", "When.");
const HOLDS_UNTIL: Key = must("until", Day, "\"2028-11-30\"", "Last day it holds.");

static PORT_ONLY: Shape = Shape {
    name: "port-only decision",
    doc: "A dated decision to open a flow by peer and port.",
    keys: &[
        must("flow", Text(Form::Id), "\"F03\"", "Flow."),
        DECIDED_BY,
        IN_ROLE,
        DATE,
        HOLDS_UNTIL,
        must("why", Text(Form::Plain), "\"line logic needs it\"", "Why."),
        key(
            "facts",
            Words,
            "{ service = \"s7comm\" }",
            "Facts it rests on, as in the flow; a difference makes it stale.",
        ),
    ],
};

static PROXY_LOSS: Shape = Shape {
    name: "proxy-loss decision",
    doc: "A dated decision what happens to an essential flow when the command proxy does not run.",
    keys: &[
        must("flow", Text(Form::Id), "\"F10\"", "Flow."),
        must("then", Text(Form::Plain), "\"closed\"", "What happens: `closed`."),
        DECIDED_BY,
        IN_ROLE,
        DATE,
        HOLDS_UNTIL,
        must("why", Text(Form::Plain), "\"the line stops safely without it\"", "Why."),
    ],
};

static ATTEST: Shape = Shape {
    name: "attestation",
    doc: "A person vouches that requirements of IEC 62443-3-3 are met somewhere.",
    keys: &[
        must("requirement", Texts(Form::Plain), "\"SR 1.1\"", "System requirements, by id."),
        must("where", Texts(Form::Plain), "\"control\"", "Zones and conduits by id, or `all`."),
        must("who", Text(Form::Plain), "\"K. Meier\"", "Who vouches."),
        IN_ROLE,
        DATE,
        must("until", Day, "\"2027-11-30\"", "Last day it holds."),
        must(
            "why",
            Text(Form::Plain),
            "\"each person has an own account on both panels\"",
            "What was found.",
        ),
        key(
            "evidence",
            Text(Form::Plain),
            "\"report 2026-114\"",
            "Where it is written: report, photo, list.",
        ),
    ],
};

const JUDGED_WHERE: Key = must("where", Texts(Form::Id), "\"mtr1\"", "Zones, conduits and devices by id.");
const JUDGED_ROLE: Key = must(
    "role",
    Text(Form::Id),
    "\"plant-manager\"",
    "In which role; it must be allowed to accept risk there.",
);
const JUDGED_UNTIL: Key = must("until", Day, "\"2027-11-30\"", "Last day it holds.");
const JUDGED_WHY: Key = must("why", Text(Form::Plain), "\"the cabinet is locked\"", "Why.");
const JUDGED_FACTS: Key = key(
    "facts",
    Words,
    "{ \"F10.allow\" = \"read holding 0-59\" }",
    "Facts it rests on, `ID.fact`; a difference makes it stale.",
);

static ACCEPT: Shape = Shape {
    name: "acceptance",
    doc: "A risk that stays as it is, accepted by somebody who may.",
    keys: &[
        must(
            "scenario",
            Texts(Form::Plain),
            "\"network-office.business\"",
            "Scenarios, by the id `assess` gives.",
        ),
        DECIDED_BY,
        JUDGED_ROLE,
        DATE,
        JUDGED_UNTIL,
        JUDGED_WHY,
        JUDGED_FACTS,
    ],
};

static COMPENSATE: Shape = Shape {
    name: "compensation",
    doc: "Something that holds for a requirement that is not met; the requirement stays unmet.",
    keys: &[
        must("requirement", Texts(Form::Plain), "\"CR 1.1\"", "Requirements by id, or a group such as IAC."),
        JUDGED_WHERE,
        must("by", Text(Form::Plain), "\"F10 lets only reading pass\"", "What compensates."),
        must("test", Text(Form::Plain), "\"case 2 of the plant\"", "How that is tested."),
        must("residual", Text(Form::OneOf(&crate::judgement::RISKS)), "\"low\"", "Risk that is left."),
        DECIDED_BY,
        JUDGED_ROLE,
        DATE,
        JUDGED_UNTIL,
        JUDGED_WHY,
        JUDGED_FACTS,
    ],
};

static NOT_APPLICABLE: Shape = Shape {
    name: "not applicable",
    doc: "A requirement that has nothing to be about.",
    keys: &[
        must("requirement", Texts(Form::Plain), "\"SR 1.6\"", "Requirements by id, or a group such as IAC."),
        JUDGED_WHERE,
        DECIDED_BY,
        JUDGED_ROLE,
        DATE,
        JUDGED_UNTIL,
        JUDGED_WHY,
        JUDGED_FACTS,
    ],
};

static OVERRIDE: Shape = Shape {
    name: "override",
    doc: "A target level that differs from the derived one.",
    keys: &[
        JUDGED_WHERE,
        must("group", Texts(Form::OneOf(&GROUPS)), "\"DC\"", "Groups of requirements."),
        must("level", Whole(0, 4), "2", "The level."),
        DECIDED_BY,
        JUDGED_ROLE,
        DATE,
        JUDGED_UNTIL,
        JUDGED_WHY,
        JUDGED_FACTS,
    ],
};

static METHOD: Shape = Shape {
    name: "method",
    doc: "How the assessment is made.",
    keys: &[
        key(
            "levels",
            Text(Form::OneOf(&["attacker", "reduction"])),
            "\"attacker\"",
            "What gives the target levels: the class of attacker, or the reduction needed; the other one checks.",
        ),
        key(
            "subject",
            Text(Form::OneOf(&["plant", "product"])),
            "\"product\"",
            "What is assessed: a plant of an owner, or a product whose builder promises levels.",
        ),
    ],
};

static TOLERANCE: Shape = Shape {
    name: "tolerance",
    doc: "The risk matrix of the plant, and what may stay.",
    keys: &[
        must(
            "tolerable",
            Text(Form::OneOf(&crate::judgement::RISKS)),
            "\"medium\"",
            "Highest risk that may stay.",
        ),
        must(
            "tolerable-people",
            Text(Form::OneOf(&crate::judgement::RISKS)),
            "\"low\"",
            "Highest risk to people that may stay.",
        ),
        must(
            "matrix",
            Texts(Form::Plain),
            "[\"low, low, low, low, medium\"]",
            "Five texts of five words: rows by consequence, columns by likelihood.",
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_the_keys_of_a_level_table() {
        let keys: Vec<_> = LEVELS.keys.iter().map(|key| key.name).collect();
        assert_eq!(keys, GROUPS);
    }
}
