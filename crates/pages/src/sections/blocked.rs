//! Commands that were blocked.

use words::{Language, grouped};

use crate::markup::Markup;
use crate::model::Page;
use crate::sections::parts::{cell, flow_link, nothing, section, table};

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let title = language.pick("Blocked commands", "Blockierte Befehle");
    let lead = language.pick(
        "Where a flow limits its commands, the gateway reads each one. What is not allowed is refused and written down: \
         who asked for what, and which flow forbade it.",
        "Wo ein Fluss seine Befehle begrenzt, liest das Gateway jeden einzelnen. Was nicht erlaubt ist, wird abgelehnt und \
         aufgeschrieben: wer was wollte und welcher Fluss es verbot.",
    );
    section(m, "blocked", title, lead, |m| {
        if page.blocked.is_empty() {
            let why = if page.log.as_ref().is_some_and(|log| log.fault.is_some()) {
                language.pick(
                    "The log is damaged, so nothing of it is shown.",
                    "Das Protokoll ist beschädigt, deshalb wird nichts daraus gezeigt.",
                )
            } else if page.log.is_some() {
                language.pick(
                    "The log holds no refused command. That says that none was recorded, not that none was tried.",
                    "Das Protokoll enthält keinen abgelehnten Befehl. Das heißt: keiner wurde aufgezeichnet, nicht: keiner \
                     wurde versucht.",
                )
            } else {
                language.pick(
                    "This page was made without a log, so nobody can tell here whether any was tried.",
                    "Diese Seite entstand ohne ein Protokoll; ob einer versucht wurde, kann hier niemand sagen.",
                )
            };
            nothing(m, language.pick("None recorded.", "Keiner aufgezeichnet."), why, None);
            return;
        }
        let columns = [
            language.pick("When", "Wann"),
            language.pick("Who → whom", "Wer → wen"),
            language.pick("Command", "Befehl"),
            language.pick("Forbidden by", "Verboten durch"),
        ];
        let [when, who, command, by] = columns;
        table(m, "blocked-table", &columns, |m| {
            for blocked in &page.blocked {
                m.with("tr", &[], |m| {
                    cell(m, when, |m| m.text(&blocked.when));
                    cell(m, who, |m| m.text(&format!("{} → {}", blocked.client, blocked.server)));
                    cell(m, command, |m| {
                        m.leaf("code", &[("class", "say")], &blocked.command);
                        if blocked.times > 1 {
                            m.leaf(
                                "p",
                                &[("class", "small")],
                                &language.pick(
                                    format!("{} times", grouped(blocked.times, language)),
                                    format!("{} Mal", grouped(blocked.times, language)),
                                ),
                            );
                        }
                    });
                    cell(m, by, |m| {
                        flow_link(m, &blocked.flow);
                        m.leaf("p", &[("class", "small")], &blocked.reason);
                    });
                });
            }
        });
    });
}
