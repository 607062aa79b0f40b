//! Why a flow is not open, in both languages.

use words::Language;

use crate::policy::Why;

impl Why {
    /// The reason as a clause, after the flow's name and a colon.
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Why::NotInspected => language.pick(
                "closed, since its commands are limited and nothing here inspects them yet",
                "geschlossen, weil seine Befehle begrenzt sind und sie hier noch nichts prüft",
            ),
            Why::OutsideWindow => {
                language.pick("closed outside its window", "außerhalb seines Zeitfensters geschlossen")
            }
            Why::NotApproved => {
                language.pick("closed until it is approved", "geschlossen, bis er freigegeben wird")
            }
            Why::State => language.pick(
                "closed, since the state of the plant does not allow it",
                "geschlossen, weil der Zustand der Anlage ihn nicht erlaubt",
            ),
            Why::Layer2 => language.pick(
                "not carried by the gateway: it runs below IP",
                "nicht über das Gateway: er läuft unterhalb von IP",
            ),
            Why::SameLeg => language.pick(
                "not enforced here: both ends are behind the same leg",
                "hier nicht durchgesetzt: beide Enden liegen hinter demselben Anschluss",
            ),
            Why::NoNetwork => language.pick(
                "closed for one address family: a leg on the way has no network of it",
                "für eine Adressfamilie geschlossen: ein Anschluss auf dem Weg hat kein Netz davon",
            ),
            Why::Announces => language.pick(
                "open without the connections it announces: an end of it is known under another address",
                "offen ohne die Verbindungen, die er ankündigt: ein Ende ist unter einer anderen Adresse bekannt",
            ),
            Why::AnnouncesBeside => language.pick(
                "open without the connections it announces: its ends have limited commands between them, which could be announced",
                "offen ohne die Verbindungen, die er ankündigt: zwischen seinen Enden gibt es begrenzte Befehle, die angekündigt werden könnten",
            ),
            Why::NoRule => language.pick(
                "closed: no rule can tell this kind of packet from others",
                "geschlossen: keine Regel kann diese Art Paket von anderen unterscheiden",
            ),
        }
    }
}
