//! Verdicts, permissions, windows and approvals as sentences.

use plant::when::Window;
use plant::{Condition, Flow, Plant, Verdict};
use protocols::{Object, Permission, Verb};
use words::{Language, and_list};

/// What a case must come to.
pub(super) fn expected(verdict: Verdict, alarm: bool, language: Language) -> String {
    let text = match verdict {
        Verdict::Allow => language.pick("passes", "kommt durch"),
        Verdict::Deny => language.pick("does not pass", "kommt nicht durch"),
        Verdict::DenyByCommand => language.pick("is refused as a command", "wird als Befehl abgelehnt"),
        Verdict::Cut => language.pick("is cut", "wird getrennt"),
        Verdict::Blind => language.pick("passes unseen", "geht ungesehen durch"),
        Verdict::Alarm => language.pick("raises an alarm", "löst Alarm aus"),
    };
    if alarm && verdict != Verdict::Alarm {
        let alarm = language.pick(", with an alarm", ", mit Alarm");
        return format!("{text}{alarm}");
    }
    text.to_owned()
}

/// What a case came to, from the word of the record.
pub(super) fn seen(word: &str, language: Language) -> String {
    let text = match word {
        "allow" => language.pick("it passed", "kam durch"),
        "deny" => language.pick("nothing arrived", "nichts kam an"),
        "deny by command" => language.pick("the command was refused", "der Befehl wurde abgelehnt"),
        "cut" => language.pick("it was cut", "wurde getrennt"),
        "one way" => language.pick("it arrived, no answer came back", "kam an, keine Antwort kam zurück"),
        other => other,
    };
    text.to_owned()
}

/// A permitted command in words.
pub(super) fn permission(permission: &Permission, language: Language) -> String {
    let verb = match permission.verb {
        Verb::Identify => language.pick("identify the device", "Gerät identifizieren"),
        Verb::Browse => language.pick("list what there is", "auflisten, was es gibt"),
        Verb::Read => language.pick("read", "lesen"),
        Verb::Subscribe => language.pick("be told of changes", "Änderungen abonnieren"),
        Verb::Write => language.pick("write", "schreiben"),
        Verb::Call => language.pick("call methods", "Methoden aufrufen"),
        Verb::Upload => language.pick("fetch the program from the device", "Programm aus dem Gerät holen"),
        Verb::Download => language.pick("load a program into the device", "Programm ins Gerät laden"),
        Verb::Start => language.pick("start the program", "Programm starten"),
        Verb::Stop => language.pick("stop the program", "Programm anhalten"),
        Verb::Configure => language.pick("change settings", "Einstellungen ändern"),
        Verb::Firmware => language.pick("change the firmware", "Firmware ändern"),
        Verb::Authenticate => language.pick("log in", "sich anmelden"),
        Verb::Any => language.pick("every command", "jeder Befehl"),
    };
    let mut text = verb.to_owned();
    if let Some(object) = object(&permission.object, permission.verb, language) {
        text.push_str(language.pick(" ", ": "));
        text.push_str(&object);
    }
    if let Some(limit) = &permission.limit {
        let written = limit.to_string();
        let range =
            written.strip_prefix("= ").unwrap_or(&written).replacen("..", language.pick(" to ", " bis "), 1);
        text.push_str(&language.pick(format!(", only values {range}"), format!(", nur Werte {range}")));
    }
    text
}

fn object(object: &Object, verb: Verb, language: Language) -> Option<String> {
    match object {
        Object::Any if matches!(verb, Verb::Read | Verb::Write) => {
            Some(language.pick("everything", "alles").to_owned())
        }
        Object::Any => None,
        Object::Modbus { .. } => {
            let written = object.to_string();
            let (table, range) = written.split_once(' ').unwrap_or((&written, ""));
            let table = match table {
                "coil" => language.pick("coils", "Coils"),
                "discrete" => language.pick("discrete inputs", "diskrete Eingänge"),
                "input" => language.pick("input registers", "Eingangsregister"),
                "holding" => language.pick("holding registers", "Halteregister"),
                other => other,
            };
            let range = range.replacen('-', language.pick(" to ", " bis "), 1);
            Some(format!("{table} {range}").trim_end().to_owned())
        }
        Object::Db { .. } => {
            let range = object.to_string().replacen('-', language.pick(" to ", " bis "), 1);
            Some(language.pick(format!("data block {range}"), format!("Datenbaustein {range}")))
        }
        Object::Node(name) => Some(language.pick(format!("node {name}"), format!("Knoten {name}"))),
        Object::Under(name) => Some(language.pick(format!("below {name}"), format!("unterhalb von {name}"))),
        Object::Named(name) => Some(name.clone()),
    }
}

/// When a flow is open: window, approval, state; nothing is always.
pub(super) fn when(plant: &Plant, flow: &Flow, language: Language) -> Vec<String> {
    let mut list = Vec::new();
    if let Some(when) = &flow.when {
        list.push(window(when, language));
    }
    if !flow.approve.is_empty() {
        let roles: Vec<String> = flow
            .approve
            .iter()
            .map(|role| plant.roles.get(role).map_or_else(|| role.to_string(), |role| role.title.clone()))
            .collect();
        let roles = and_list(&roles, language);
        let mut text =
            language.pick(format!("after approval by {roles}"), format!("nach Freigabe durch {roles}"));
        if let Some(longest) = flow.longest {
            let longest = words::duration::text(longest);
            text.push_str(&language.pick(format!(", at most {longest}"), format!(", höchstens {longest}")));
        }
        list.push(text);
    }
    if let Some(Condition { state, at_least, value }) = &flow.condition {
        list.push(match at_least {
            true => language.pick(
                format!("while {state} is {value} or higher"),
                format!("solange {state} auf {value} oder höher steht"),
            ),
            false => language
                .pick(format!("while {state} is {value}"), format!("solange {state} auf {value} steht")),
        });
    }
    list
}

/// A window; its days in German where the reader is.
fn window(window: &Window, language: Language) -> String {
    const DAYS: [(&str, &str); 8] = [
        ("daily", "täglich"),
        ("Mon", "Mo"),
        ("Tue", "Di"),
        ("Wed", "Mi"),
        ("Thu", "Do"),
        ("Fri", "Fr"),
        ("Sat", "Sa"),
        ("Sun", "So"),
    ];
    let text = window.text().to_owned();
    match language {
        Language::English => text,
        Language::German => DAYS.iter().fold(text, |text, (english, german)| text.replace(english, german)),
    }
}

/// What a derived case must come to, from the word of the record.
pub(super) fn word_expected(word: &str, language: Language) -> String {
    let verdict = match word {
        "allow" => Verdict::Allow,
        "deny" => Verdict::Deny,
        "deny by command" => Verdict::DenyByCommand,
        "cut" => Verdict::Cut,
        "blind" => Verdict::Blind,
        "alarm" => Verdict::Alarm,
        other => return other.to_owned(),
    };
    expected(verdict, false, language)
}
