//! What the relations leave to the kernel, said in words.

use words::{Language, Message};

use crate::permission::Traffic;
use crate::policy::Policy;

/// Something the policy relies on and no rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// Connection tracking ties an error message to the sender of the packet it is about.
    ErrorDestination,
    /// Connection tracking puts fragments together first.
    Fragments,
    /// The clock: ends count from loading.
    Ends,
    /// Neighbour discovery is checked by the kernel beyond its type.
    Neighbours,
    /// The proxy alone speaks for others.
    Proxy,
    /// The gateway answers for addresses that machines have elsewhere.
    Outside,
    /// The kernel's helper reads what a file transfer announces.
    Announced,
}

impl Policy {
    /// What this policy relies on.
    pub fn assumptions(&self) -> Vec<Assumption> {
        let mut list = vec![Assumption::Fragments];
        if self.permissions.iter().any(|row| matches!(row.traffic, Traffic::Ports { .. })) {
            list.push(Assumption::ErrorDestination);
        }
        if self.permissions.iter().any(|row| row.until.is_some()) {
            list.push(Assumption::Ends);
        }
        if self.legs.values().any(|leg| leg.has_family(true)) {
            list.push(Assumption::Neighbours);
        }
        if !self.commands.is_empty() {
            list.push(Assumption::Proxy);
        }
        if !self.transfers.is_empty() {
            list.push(Assumption::Announced);
        }
        if self.translates() {
            list.push(Assumption::Outside);
        }
        list.sort();
        list
    }
}

impl Message for Assumption {
    fn code(&self) -> &'static str {
        match self {
            Self::ErrorDestination => "RW1111",
            Self::Fragments => "RW1112",
            Self::Ends => "RW1113",
            Self::Neighbours => "RW1114",
            Self::Proxy => "RW1115",
            Self::Announced => "RW1116",
            Self::Outside => "RW1117",
        }
    }

    fn text(&self, language: Language) -> String {
        match self {
            Self::ErrorDestination => language.pick(
                "the destination of an ICMP error is not compared with the policy: connection tracking lets it reach \
                 only the sender of the packet it is about",
                "das Ziel einer ICMP-Fehlermeldung wird nicht mit der Policy verglichen: die Verbindungsverfolgung \
                 lässt sie nur zum Absender des Pakets, von dem sie handelt",
            ),
            Self::Fragments => language.pick(
                "fragments are put together by connection tracking before the rules see them",
                "Fragmente setzt die Verbindungsverfolgung zusammen, bevor die Regeln sie sehen",
            ),
            Self::Ends => language.pick(
                "the end of a permission counts from the moment the rules are loaded",
                "das Ende einer Erlaubnis zählt ab dem Laden der Regeln",
            ),
            Self::Neighbours => language.pick(
                "neighbour discovery is accepted on legs with IPv6 by its type; hop limit and addresses are checked by \
                 the kernel",
                "Nachbarsuche wird an Anschlüssen mit IPv6 nach ihrem Typ angenommen; Hop-Limit und Adressen prüft \
                 der Kernel",
            ),
            Self::Proxy => language.pick(
                "commands pass only through the command proxy of this gateway: no other program on it may mark packets \
                 or speak under another machine's address",
                "Befehle laufen nur durch den Befehls-Proxy dieses Gateways: kein anderes Programm darauf darf Pakete \
                 markieren oder unter der Adresse einer anderen Maschine sprechen",
            ),
            Self::Outside => language.pick(
                "the gateway answers for the outside addresses of translated machines: `load` gives them to its legs, \
                 and whoever sets up the network keeps them there",
                "das Gateway antwortet für die Außenadressen umgesetzter Maschinen: `load` gibt sie seinen Anschlüssen, \
                 und wer das Netz einrichtet, lässt sie dort",
            ),
            Self::Announced => language.pick(
                "which connection a file transfer announces is read by the kernel from its control connection; nothing \
                 else passes between the two hosts because of it",
                "welche Verbindung eine Dateiübertragung ankündigt, liest der Kernel aus ihrer Steuerverbindung; \
                 nichts anderes läuft deswegen zwischen den beiden Rechnern",
            ),
        }
        .to_owned()
    }

    fn help(&self, language: Language) -> String {
        match self {
            Self::Outside => language.pick(
                "run `ringwall load` again after the network was set up anew",
                "`ringwall load` erneut ausführen, wenn das Netz neu eingerichtet wurde",
            ),
            Self::Ends => language.pick(
                "load a compiled policy at once, or compile it again",
                "eine kompilierte Policy sofort laden oder neu kompilieren",
            ),
            _ => language.pick("nothing to do", "nichts zu tun"),
        }
        .to_owned()
    }
}
