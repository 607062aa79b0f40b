//! What happens when a device no longer does what it should: consequences from machine words.

use std::collections::BTreeMap;

use plant::Asset;
use serde::Deserialize;
use words::Language;

use crate::both::Both;
use crate::knowledge::{Class, Knowledge};

/// A kind of effect, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EffectKind {
    /// A protective function is gone or wrong.
    Safety,
    /// Somebody is hurt by what moves, heats or presses.
    Injury,
    /// Something gets out that must not.
    Environment,
    /// The machine is damaged.
    Damage,
    /// The product is wrong.
    Product,
    /// The plant stands.
    Stop,
    /// Data is lost, read or changed.
    Data,
}

impl EffectKind {
    /// The word for scripts and ids.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            Self::Injury => "injury",
            Self::Environment => "environment",
            Self::Damage => "damage",
            Self::Product => "product",
            Self::Stop => "stop",
            Self::Data => "data",
        }
    }

    /// What it means.
    pub fn title(self, language: Language) -> &'static str {
        let (en, de) = match self {
            Self::Safety => ("protective function gone", "Schutzfunktion weg"),
            Self::Injury => ("somebody is hurt", "jemand wird verletzt"),
            Self::Environment => ("something gets out", "Freisetzung"),
            Self::Damage => ("machine damaged", "Maschinenschaden"),
            Self::Product => ("wrong product", "falsches Produkt"),
            Self::Stop => ("standstill", "Stillstand"),
            Self::Data => ("data lost or read", "Daten verloren oder gelesen"),
        };
        language.pick(en, de)
    }

    /// The skill it takes, as the factor that stands for it.
    pub(crate) fn skill(self) -> &'static str {
        match self {
            Self::Safety => "skill.safety",
            Self::Injury | Self::Environment | Self::Damage => "skill.control",
            Self::Product => "skill.product",
            Self::Stop => "skill.none",
            Self::Data => "skill.data",
        }
    }

    /// Whether people or the environment suffer.
    pub(crate) fn harms(self) -> bool {
        matches!(self, Self::Safety | Self::Injury | Self::Environment)
    }
}

/// How grave an effect is, 1 negligible to 5 catastrophic, and which words say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) severity: u8,
    pub(crate) why: Both,
}

/// Whether the text says that a safety function runs on the device; a safety device about which nothing is said has
/// one.
pub(crate) fn protects(asset: &Asset, class: Class) -> bool {
    match asset.function.get("safety") {
        Some(text) => {
            !matches!(text.trim().to_lowercase().as_str(), "none" | "no" | "keine" | "kein" | "nein" | "")
        }
        None => asset.function.is_empty() && matches!(class, Class::SafetyLogic | Class::SafetyDevice),
    }
}

/// The effects a device can have.
pub(crate) fn effects(asset: &Asset, class: Class, knowledge: &Knowledge) -> BTreeMap<EffectKind, Effect> {
    let mut found: BTreeMap<EffectKind, Effect> = BTreeMap::new();
    let mut add = |kind: EffectKind, severity: u8, why: Both| {
        let graver = found.get(&kind).is_none_or(|known| known.severity < severity);
        if graver {
            found.insert(kind, Effect { severity, why });
        }
    };
    let function = |key: &str| asset.function.get(key).map(String::as_str);
    let worst = function("worst").map(|text| (text, knowledge.worst(text)));
    let logic = matches!(class, Class::SafetyLogic | Class::Controller);
    let safety = protects(asset, class);
    let stated = function("safety").unwrap_or_default();
    if safety && logic {
        let hurt = worst.as_ref().and_then(|(_, found)| {
            found.iter().filter(|(kind, _)| kind.harms()).map(|(_, severity)| *severity).max()
        });
        // Without any figure: what the lowest performance that is used for irreversible harm stands for.
        let severity = knowledge.performance(stated).max(hurt).unwrap_or(4);
        let words = worst.as_ref().map_or(stated, |(text, _)| text);
        add(
            EffectKind::Safety,
            severity,
            Both::new(
                format!("safety function {stated}, worst case: {words}"),
                format!("Sicherheitsfunktion {stated}, schlimmster Fall: {words}"),
            ),
        );
    }
    if let Some((text, meant)) = &worst {
        for (kind, severity) in meant {
            if safety && logic && kind.harms() {
                continue;
            }
            add(
                *kind,
                *severity,
                Both::new(format!("worst case: {text}"), format!("schlimmster Fall: {text}")),
            );
        }
        if meant.is_empty() {
            // Words nobody taught us: what a person wrote down is not nothing.
            let why = Both::new(
                format!("worst case: {text} (these words are not known, taken as a standstill)"),
                format!("schlimmster Fall: {text} (diese Worte sind unbekannt, als Stillstand gewertet)"),
            );
            add(EffectKind::Stop, 3, why);
        }
    }
    if let Some(text) = function("downtime")
        && let Some(minutes) = minutes(text)
    {
        let severity = knowledge.downtime(minutes);
        add(
            EffectKind::Stop,
            severity,
            Both::new(format!("downtime: {text}"), format!("Stillstand: {text}")),
        );
    }
    if safety {
        let why = Both::new(
            "in doubt the protective function stops the machine",
            "im Zweifel hält die Schutzfunktion die Maschine an",
        );
        add(EffectKind::Stop, 3, why);
    }
    let default = match class {
        Class::Controller | Class::Machine | Class::Panel | Class::Network | Class::SafetyLogic => 2,
        Class::Data | Class::Service | Class::Engineering | Class::Field | Class::SafetyDevice => 1,
        Class::Printer | Class::Other | Class::Host => 1,
        Class::Socket | Class::Media => 0,
    };
    if default > 0 {
        let why = Both::new("nothing is said about its function", "über seine Funktion ist nichts gesagt");
        add(EffectKind::Stop, default, why);
    }
    if class == Class::Data {
        add(
            EffectKind::Data,
            2,
            Both::new("keeps orders, recipes or records", "hält Aufträge, Rezepte oder Aufzeichnungen"),
        );
        add(
            EffectKind::Product,
            2,
            Both::new("orders and recipes come from here", "Aufträge und Rezepte kommen von hier"),
        );
    }
    found
}

/// Minutes of a standstill in machine words: `1 day`, `4 hours`, `2 Wochen`, `1 Schicht`, `90min`.
fn minutes(text: &str) -> Option<u64> {
    let text = text.trim().to_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
    let (number, unit) = text.split_at_checked(digits)?;
    let number = number.split(['.', ',']).next().unwrap_or_default().parse::<u64>().ok()?;
    let unit: String = unit.trim_start().chars().take_while(|c| c.is_alphabetic()).collect();
    let factor = match unit.as_str() {
        "min" | "minute" | "minutes" | "minuten" => 1,
        "h" | "hour" | "hours" | "stunde" | "stunden" => 60,
        "shift" | "shifts" | "schicht" | "schichten" => 8 * 60,
        "d" | "day" | "days" | "tag" | "tage" | "tagen" => 24 * 60,
        "week" | "weeks" | "woche" | "wochen" => 7 * 24 * 60,
        "month" | "months" | "monat" | "monate" | "monaten" => 30 * 24 * 60,
        _ => return None,
    };
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standstills_are_read() {
        for (text, expected) in [
            ("1 day", Some(1440)),
            ("4 hours", Some(240)),
            ("2 Wochen", Some(20160)),
            ("90min", Some(90)),
            ("1 Schicht", Some(480)),
            ("1.5 h", Some(60)),
            ("a day", None),
            ("", None),
            ("7", None),
            ("99999999999999999999 days", None),
            ("9999999999999999999 days", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}
