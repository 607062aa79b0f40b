//! The file the table comes in: JSON, every key required, nothing unknown taken.

use std::net::IpAddr;

use inspect::Rule;
use ipnet::IpNet;
use jiff::Timestamp;
use protocols::{Permission, Service};
use serde::{Deserialize, Serialize};

use crate::messages::FileError;
use crate::table::{Origin, Row, Table};

/// Most bytes of a file.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// Most rows of a table.
pub const MOST_ROWS: usize = 100_000;

/// The version this crate reads and writes.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    // What may be null must still be there: a key that was forgotten must not permit more.
    #[serde(deserialize_with = "Option::deserialize")]
    of: Option<OriginText>,
    rows: Vec<RowText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OriginText {
    plant: String,
    plant_hash: String,
    #[serde(deserialize_with = "Option::deserialize")]
    decisions_hash: Option<String>,
    policy_hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowText {
    client: String,
    server: String,
    port: u16,
    #[serde(deserialize_with = "Option::deserialize")]
    until: Option<String>,
    rules: Vec<RuleText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    flow: String,
    #[serde(deserialize_with = "Option::deserialize")]
    unit: Option<u8>,
    allow: String,
}

/// Reads a table.
pub fn read(text: &[u8]) -> Result<Table, FileError> {
    if text.len() > LARGEST {
        return Err(FileError::TooLarge { most: LARGEST });
    }
    let document: Document = serde_json::from_slice(text).map_err(|error| FileError::Form {
        line: error.line(),
        column: error.column(),
        error: shortened(&error.to_string(), 160),
    })?;
    if document.version != VERSION {
        return Err(FileError::Version { version: document.version, known: VERSION });
    }
    if document.rows.len() > MOST_ROWS {
        return Err(FileError::TooMany { most: MOST_ROWS });
    }
    let modbus = Service::parse("modbus").map_err(|_| FileError::Version { version: VERSION, known: 0 })?;
    let rows = document.rows.into_iter().enumerate().map(|(index, text)| row(index + 1, text, &modbus));
    let of = document.of.map(|OriginText { plant, plant_hash, decisions_hash, policy_hash }| Origin {
        plant,
        plant_hash,
        decisions_hash,
        policy_hash,
    });
    Ok(Table { of, rows: rows.collect::<Result<_, _>>()? })
}

fn row(number: usize, text: RowText, modbus: &Service) -> Result<Row, FileError> {
    let network = |text: &str| match read_network(text) {
        Some(network) => Ok(network),
        None => Err(FileError::Network { row: number, text: shortened(text, 60) }),
    };
    let (client, server) = (network(&text.client)?, network(&text.server)?);
    if matches!(client, IpNet::V4(_)) != matches!(server, IpNet::V4(_)) {
        return Err(FileError::Families { row: number });
    }
    if text.port == 0 || text.rules.is_empty() {
        return Err(FileError::Empty { row: number });
    }
    let time =
        |text: String| text.parse().map_err(|_| FileError::Time { row: number, text: shortened(&text, 60) });
    let until: Option<Timestamp> = text.until.map(time).transpose()?;
    let rules =
        text.rules.into_iter().map(|rule| {
            let permission = Permission::parse(modbus, &rule.allow).map_err(|error| {
                FileError::Permission { row: number, flow: shortened(&rule.flow, 60), error: Box::new(error) }
            })?;
            Ok(Rule { flow: rule.flow, unit: rule.unit, permission })
        });
    Ok(Row { client, server, port: text.port, until, rules: rules.collect::<Result<_, _>>()? })
}

/// An address, or a network without bits behind its prefix.
fn read_network(text: &str) -> Option<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(IpNet::from(address));
    }
    text.parse::<IpNet>().ok().filter(|network| network.addr() == network.network())
}

/// What was read may be longer than anybody reads.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}

/// Writes a table so that [`read`] reads the same.
pub fn write(table: &Table) -> String {
    let network = |network: &IpNet| {
        if network.prefix_len() == network.max_prefix_len() {
            network.addr().to_string()
        } else {
            network.to_string()
        }
    };
    let rows = table.rows.iter().map(|row| RowText {
        client: network(&row.client),
        server: network(&row.server),
        port: row.port,
        until: row.until.map(|until| until.to_string()),
        rules: row
            .rules
            .iter()
            .map(|rule| RuleText {
                flow: rule.flow.clone(),
                unit: rule.unit,
                allow: rule.permission.to_string(),
            })
            .collect(),
    });
    let of = table.of.clone().map(|Origin { plant, plant_hash, decisions_hash, policy_hash }| OriginText {
        plant,
        plant_hash,
        decisions_hash,
        policy_hash,
    });
    let document = Document { version: VERSION, of, rows: rows.collect() };
    // Strings and numbers only: there is nothing in it that could not be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"version": 1, "of": {"plant": "line3", "plant_hash": "00", "decisions_hash": null, "policy_hash": "11"}, "rows": [
        {"client": "10.62.2.20", "server": "10.62.1.70", "port": 502, "until": null,
         "rules": [{"flow": "F10", "unit": 1, "allow": "read holding 0-59"}, {"flow": "F10", "unit": 1, "allow": "identify"}]},
        {"client": "fd62:2::/64", "server": "fd62:1::70", "port": 1502, "until": "2027-07-01T00:00:00Z",
         "rules": [{"flow": "F11", "unit": null, "allow": "write holding 10 = 140..190"}]}]}"#;

    #[test]
    fn a_table_is_read_and_written_back_the_same() {
        let table = read(GOOD.as_bytes()).unwrap();
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.rows[0].rules[1].permission.to_string(), "identify");
        assert_eq!((table.rows[1].client.prefix_len(), table.rows[1].rules[0].unit), (64, None));
        assert_eq!(read(write(&table).as_bytes()), Ok(table));
        assert_eq!(read(write(&Table::default()).as_bytes()), Ok(Table::default()));
    }

    /// Each change of the good one makes it unusable, and the error says where.
    #[test]
    fn what_is_not_understood_is_refused_as_a_whole() {
        for (from, to, code, says) in [
            (r#""version": 1"#, r#""version": 2"#, "RW1502", "version 2"),
            (r#""until": null,"#, "", "RW1502", "missing field `until`"),
            (r#""decisions_hash": null, "#, "", "RW1502", "missing field `decisions_hash`"),
            (r#""of""#, r#""off""#, "RW1502", "unknown field `off`"),
            (r#""unit": null, "#, "", "RW1502", "missing field `unit`"),
            (r#""port": 502"#, r#""port": 502, "ports": 1"#, "RW1502", "unknown field `ports`"),
            (r#""port": 502"#, r#""port": 502, "port": 503"#, "RW1502", "duplicate field `port`"),
            (r#""port": 502"#, r#""port": 65536"#, "RW1502", "65536"),
            (r#""port": 502"#, r#""port": 0"#, "RW1503", "row 1"),
            (r#""unit": 1"#, r#""unit": 256"#, "RW1502", "256"),
            (r#""2027-07-01T00:00:00Z""#, r#""tomorrow""#, "RW1503", "`tomorrow`"),
            (r#""10.62.1.70""#, r#""10.62.1.0/33""#, "RW1503", "`10.62.1.0/33`"),
            (r#""10.62.1.70""#, r#""10.62.1.70/24""#, "RW1503", "`10.62.1.70/24`"),
            (r#""10.62.1.70""#, r#""fd62:1::70""#, "RW1503", "row 1"),
            ("read holding 0-59", "reed holding 0-59", "RW1503", "`reed`"),
            ("= 140..190", "= 190..140", "RW1503", "row 2"),
            (
                r#"[{"flow": "F11", "unit": null, "allow": "write holding 10 = 140..190"}]"#,
                "[]",
                "RW1503",
                "row 2",
            ),
        ] {
            use words::{Language, Message};
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = read(text.as_bytes()).expect_err(to);
            let [english, german] = Language::ALL.map(|language| error.text(language));
            assert_eq!(error.code(), code, "{to}: {english}");
            assert!(english.contains(says), "{to}: {english}");
            assert_ne!(english, german);
        }
        for end in 0..GOOD.len() {
            assert!(read(&GOOD.as_bytes()[..end]).is_err(), "cut at {end}");
        }
        let deep = "[".repeat(100_000);
        assert!(read(deep.as_bytes()).is_err());
        assert_eq!(read(&vec![b' '; LARGEST + 1]), Err(FileError::TooLarge { most: LARGEST }));
    }

    proptest! {
        #[test]
        fn one_byte_changed_is_the_same_table_or_an_error_or_another_that_is_written_back(
            at in 0..GOOD.len(), byte in any::<u8>()
        ) {
            let mut text = GOOD.as_bytes().to_vec();
            text[at] = byte;
            if let Ok(table) = read(&text) {
                prop_assert_eq!(read(write(&table).as_bytes()), Ok(table));
            }
        }
    }
}
