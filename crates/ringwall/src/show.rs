//! Text for people: diagnostics with their lines, packets as sentences.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use plant::span::Source;
use plant::{Diagnostic, Severity};
use words::{Language, Message};

use crate::document::PacketDocument;

/// A message with its code and remedy, without a place.
pub fn message(message: &impl Message, language: Language) -> String {
    let help = language.pick("remedy", "Abhilfe");
    format!("{} [{}]\n  {help}: {}", message.text(language), message.code(), message.help(language))
}

/// Diagnostics with the lines they are about.
pub fn diagnostics(list: &[&Diagnostic], sources: &[Source], language: Language) -> String {
    let renderer = Renderer::plain();
    let mut text = String::new();
    for diagnostic in list {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let level = level.with_name(diagnostic.severity.text(language));
        let sentence = diagnostic.sentence(language);
        let title = level.primary_title(&sentence);
        let remedy = diagnostic.message.help(language);
        let help = Level::HELP.with_name(language.pick("remedy", "Abhilfe"));
        let mut group = Group::with_title(title);
        let found = diagnostic.place.as_ref().and_then(|place| Some((place, sources.get(place.index)?)));
        if let Some((place, source)) = found {
            let length = source.text.len();
            let span = place.bytes.start.min(length)..place.bytes.end.min(length);
            if source.text.get(span.clone()).is_some() {
                let snippet = Snippet::source(source.text.as_str())
                    .path(source.name.as_ref())
                    .annotation(AnnotationKind::Primary.span(span));
                group = group.element(snippet);
            }
        }
        group = group.element(help.message(remedy.as_str()));
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    text
}

/// A packet as one line, and its path below.
pub fn packet(packet: &PacketDocument, language: Language) -> String {
    let port = |port: Option<u16>| port.map(|port| format!(" port {port}")).unwrap_or_default();
    let way = match (&packet.iif, &packet.oif) {
        (Some(iif), Some(oif)) => format!("{iif} -> {oif}"),
        (Some(iif), None) => {
            language.pick(format!("{iif} -> this machine"), format!("{iif} -> diese Maschine"))
        }
        (None, Some(oif)) => {
            language.pick(format!("this machine -> {oif}"), format!("diese Maschine -> {oif}"))
        }
        (None, None) => language.pick("this machine", "diese Maschine").to_owned(),
    };
    let icmp = packet
        .icmp
        .as_ref()
        .map(|icmp| format!(" type {} code {}", icmp.kind, icmp.code))
        .unwrap_or_default();
    let state = match packet.ct {
        "new" => language.pick("opens a connection", "öffnet eine Verbindung"),
        "original" => language.pick("of an open connection", "einer offenen Verbindung"),
        "reply" => language.pick("answer", "Antwort"),
        "related" => language.pick("error message about a connection", "Fehlermeldung zu einer Verbindung"),
        "untracked" => language.pick("untracked", "nicht verfolgt"),
        _ => language.pick("of no valid connection", "ohne gültige Verbindung"),
    };
    let mut text = format!(
        "{way}: {}{} -> {}{} {}{icmp} ({state})\n",
        packet.src,
        port(packet.sport),
        packet.dst,
        port(packet.dport),
        packet.proto,
    );
    for step in &packet.path {
        let handle = step.handle.map(|handle| format!(" handle {handle}")).unwrap_or_default();
        text.push_str(&format!("      {} {}{handle}: {}\n", step.table, step.chain, step.rule));
    }
    text
}
