//! A plant with as little in it as a proof, a case and a conduit need.

/// Its text.
pub const PLANT: &str = r#"ringwall = 1

[plant]
id       = "tiny"
name     = "Tiny line"
owner    = "Example works"
timezone = "Europe/Berlin"

[zones.control]
title = "Control"
legs  = [{ port = "z1", network = ["10.62.1.0/24"], gateway = "10.62.1.1" }]

[zones.data]
title = "Data"
legs  = [{ port = "z2", network = ["10.62.2.0/24"], gateway = "10.62.2.1" }]

[assets.plc]
title   = "PLC"
zone    = "control"
kind    = "plc"
address = "10.62.1.10"

[assets.mes]
title   = "MES"
zone    = "data"
kind    = "server"
address = "10.62.2.10"

[conduits.C]
between = ["control", "data"]

[[flows]]
id      = "F1"
from    = "mes"
to      = "plc"
service = "tcp 4840"
why     = "orders"

[[expect]]
say     = "10.62.2.10 -> 10.62.1.10 tcp 4840"
verdict = "allow"

[[expect]]
say     = "10.62.1.10 -> 10.62.2.10 tcp 4840"
verdict = "deny"
"#;
