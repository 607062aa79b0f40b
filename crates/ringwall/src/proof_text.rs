//! A proof for people.

use words::{Language, grouped};

use crate::document::ProofDocument;
use crate::proof::Verdict;
use crate::show;

/// The document for people.
pub fn text(verdict: Verdict, document: &ProofDocument, language: Language) -> String {
    let rules = grouped(document.rules as u64, language);
    let mut text = match verdict {
        Verdict::Equal => language.pick(
            format!("proved: the kernel's {rules} rules let through exactly what the plant names\n"),
            format!("bewiesen: die {rules} Regeln im Kernel lassen genau das durch, was die Anlage nennt\n"),
        ),
        Verdict::Differs => language.pick(
            "different: the kernel does not do what the plant says\n".to_owned(),
            "verschieden: der Kernel tut nicht, was die Anlage sagt\n".to_owned(),
        ),
        Verdict::Unknown => language.pick(
            "unknown: something here is not understood, so nothing is proved\n".to_owned(),
            "unbekannt: hier ist etwas nicht verstanden, also ist nichts bewiesen\n".to_owned(),
        ),
    };
    let lists = [
        (
            &document.extra,
            "\nthe kernel lets through what the plant does not name:\n",
            "\nder Kernel lässt durch, was die Anlage nicht nennt:\n",
        ),
        (
            &document.missing,
            "\nthe kernel stops what the plant names:\n",
            "\nder Kernel hält auf, was die Anlage nennt:\n",
        ),
    ];
    for (list, english, german) in lists {
        if !list.is_empty() {
            text.push_str(language.pick(english, german));
            for packet in list {
                text.push_str("  ");
                text.push_str(&show::packet(packet, language));
            }
        }
    }
    if document.more {
        text.push_str(language.pick("  ... and more\n", "  ... und weitere\n"));
    }
    if !document.through_proxy.is_empty() {
        text.push_str(&language.pick(
            format!(
                "\nonly through the command proxy, command by command, never forwarded: {}\n",
                document.through_proxy.join(", ")
            ),
            format!(
                "\nnur durch den Befehls-Proxy, Befehl für Befehl, nie weitergeleitet: {}\n",
                document.through_proxy.join(", ")
            ),
        ));
    }
    if !document.not_understood.is_empty() {
        text.push_str(language.pick("\nnot understood:\n", "\nnicht verstanden:\n"));
        for note in &document.not_understood {
            text.push_str(&format!("  {}: {}\n", note.place, note.what));
        }
    }
    if !document.uninspected.is_empty() {
        let flows = document.uninspected.join(", ");
        text.push_str(&language.pick(
            format!("\nopen by peer and port only, commands not inspected: {flows}\n"),
            format!("\nnur nach Partner und Port offen, Befehle nicht geprüft: {flows}\n"),
        ));
    }
    if !document.assumptions.is_empty() {
        text.push_str(language.pick("\ntaken for granted:\n", "\nvorausgesetzt:\n"));
        for assumption in &document.assumptions {
            text.push_str(&format!("  - {assumption}\n"));
        }
    }
    text
}
