//! Flows, conduits, levels, approvals.

use super::{Thing, problems};

problems! {
    /// Flows, conduits, levels, approvals.
    Flowing {
        /// A flow across zones without a conduit.
        NoConduit { who: Thing, from: String, to: String, zone: String, other: String } "RW0401" Error
            "{who}: {from} to {to} goes from zone `{zone}` to `{other}`, and no conduit joins them"
                => "add `[conduits.{zone}-{other}]` with `between = [\"{zone}\", \"{other}\"]`, or take the flow out"
            "{who}: {from} nach {to} geht von Zone `{zone}` nach `{other}`, und kein Conduit verbindet sie"
                => "`[conduits.{zone}-{other}]` mit `between = [\"{zone}\", \"{other}\"]` ergänzen oder den Fluss entfernen"
        /// A conduit nothing uses.
        UnusedConduit { who: Thing } "RW0402" Warning
            "{who}: no flow uses it"
                => "take the conduit out, or write the flows that need it"
            "{who}: kein Fluss benutzt ihn"
                => "den Conduit entfernen oder die Flüsse schreiben, die ihn brauchen"
        /// A protocol below IP across zones.
        Layer2 { who: Thing, from: String, to: String, service: String } "RW0403" Error
            "{who}: {from} to {to} speaks `{service}` below IP; no gateway can carry or filter it between two legs"
                => "put both devices into one zone, or wire the signal; an IP firewall cannot help here"
            "{who}: {from} nach {to} spricht `{service}` unterhalb von IP; kein Gateway kann das zwischen zwei Anschlüssen führen oder filtern"
                => "beide Geräte in eine Zone setzen oder das Signal verdrahten; eine IP-Firewall hilft hier nicht"
        /// A flow that never meets the gateway.
        IntraZone { who: Thing, zone: String, port: String } "RW0404" Note
            "{who} stays behind leg `{port}` in zone `{zone}`: no gateway enforces it, it is only watched"
                => "if it must be enforced, put one of the devices behind a leg of its own"
            "{who} bleibt hinter Anschluss `{port}` in Zone `{zone}`: kein Gateway setzt ihn durch, er wird nur beobachtet"
                => "wenn er durchgesetzt werden muss, eines der Geräte hinter einen eigenen Anschluss setzen"
        /// Limited, and nothing can check it.
        Closed { who: Thing, service: String } "RW0405" Warning
            "{who} is closed: its commands are limited, and Ringwall cannot yet look into `{service}`"
                => "wait for the inspector; or decide in `decisions.toml` to open it by port only, with who, role, date, until and why"
            "{who} ist geschlossen: seine Befehle sind beschränkt, und Ringwall kann noch nicht in `{service}` hineinsehen"
                => "auf die Prüfung warten; oder in `decisions.toml` entscheiden, nur nach Port zu öffnen, mit who, role, date, until und why"
        /// Limited, open, unchecked.
        Uninspected { who: Thing, reason: Reason } "RW0406" Warning
            "{who} is uninspected ({reason}): any command passes by this peer and port"
                => "make sure that the server refuses what `allow` does not name; the assessment counts the flow as blind"
            "{who} ist ungeprüft ({reason}): jeder Befehl kommt über diese Gegenstelle und diesen Port durch"
                => "sicherstellen, dass der Server ablehnt, was `allow` nicht nennt; die Bewertung zählt den Fluss als blind"
        /// What stops when it stops.
        Essential { who: Thing, why: String } "RW0407" Note
            "{who} is essential; when it stops, this stops: {why}"
                => "make sure that it runs without approval and without a window, and what happens when the gateway is lost"
            "{who} ist wesentlich; wenn er steht, steht das: {why}"
                => "sicherstellen, dass er ohne Genehmigung und ohne Zeitfenster läuft, und was beim Ausfall des Gateways geschieht"
        /// Essential without a reason, or barred by security.
        EssentialBarred { who: Thing, by: String } "RW0408" Warning
            "{who} is essential, but `{by}` can keep it closed: security must never block it"
                => "take `{by}` out, or take `essential` out; say in `why` what stops with it"
            "{who} ist wesentlich, aber `{by}` kann ihn geschlossen halten: Schutz darf ihn nie sperren"
                => "`{by}` entfernen oder `essential` entfernen; in `why` sagen, was mit ihm steht"
        /// No pair of addresses.
        NoRoute { who: Thing, from: String, to: String } "RW0409" Error
            "{who}: {from} and {to} share no address family, or one has no address"
                => "give both an address of the same family (IPv4 or IPv6)"
            "{who}: {from} und {to} haben keine gemeinsame Adressfamilie, oder eines hat keine Adresse"
                => "beiden eine Adresse derselben Familie geben (IPv4 oder IPv6)"
        /// A conduit from a zone to itself.
        SelfConduit { who: Thing, zone: String } "RW0410" Error
            "{who} joins zone `{zone}` with itself"
                => "name two zones; flows inside a zone need no conduit"
            "{who} verbindet Zone `{zone}` mit sich selbst"
                => "zwei Zonen nennen; Flüsse innerhalb einer Zone brauchen keinen Conduit"
        /// Two conduits between the same zones.
        SecondConduit { who: Thing, other: Thing } "RW0411" Error
            "{who} joins the same zones as {other}"
                => "keep one conduit for two zones"
            "{who} verbindet dieselben Zonen wie {other}"
                => "einen Conduit je Zonenpaar behalten"
        /// Not a level.
        Level { who: Thing, key: String, text: String } "RW0412" Error
            "{who}: `{key}` cannot be `{text}`"
                => "security levels (SL, how strong an attacker must be to get through) are 0 to 4: `\"SL 2\"`, or a table `{{ IAC = 2, UC = 2, SI = 2, DC = 1, RDF = 2, TRE = 2, RA = 2 }}`"
            "{who}: `{key}` kann nicht `{text}` sein"
                => "Security-Level (SL, wie stark ein Angreifer sein muss, um durchzukommen) gehen von 0 bis 4: `\"SL 2\"`, oder eine Tabelle `{{ IAC = 2, UC = 2, SI = 2, DC = 1, RDF = 2, TRE = 2, RA = 2 }}`"
        /// Not a condition.
        Condition { who: Thing, text: String } "RW0413" Error
            "{who}: `{text}` is no value of a state of the plant"
                => "write `STATE >= VALUE` or `STATE = VALUE` with a state and one of its values"
            "{who}: `{text}` ist kein Wert eines Zustands der Anlage"
                => "`ZUSTAND >= WERT` oder `ZUSTAND = WERT` mit einem Zustand und einem seiner Werte schreiben"
        /// An approval without an end.
        NoEnd { who: Thing } "RW0414" Error
            "{who} needs approval, and nothing says when an approval ends"
                => "add `longest = \"30min\"`"
            "{who} braucht eine Genehmigung, und nichts sagt, wann sie endet"
                => "`longest = \"30min\"` ergänzen"
        /// Nobody can approve.
        NobodyApproves { who: Thing, roles: String } "RW0415" Warning
            "{who}: no different persons hold the roles that must approve ({roles}); it can never open"
                => "name a person for each role under `[people.ID]`"
            "{who}: keine verschiedenen Personen haben die Rollen, die genehmigen müssen ({roles}); er kann nie aufgehen"
                => "unter `[people.ID]` für jede Rolle eine Person nennen"
        /// The server cannot enforce it.
        ServerCannot { who: Thing, service: String } "RW0416" Warning
            "{who}: `enforced-by = \"server\"`, but `{service}` cannot tell one client from another"
                => "let the gateway enforce it, or use a protocol that authenticates its clients"
            "{who}: `enforced-by = \"server\"`, aber `{service}` kann Clients nicht unterscheiden"
                => "das Gateway durchsetzen lassen oder ein Protokoll nehmen, das seine Clients authentisiert"
        /// A state read from where anybody can write.
        StateSource { who: Thing, source: String } "RW0417" Error
            "{who}: `{source}` is not hard-wired; a value anybody on the network can set must not open a flow"
                => "wire the switch to the gateway: `source = \"gpio 4,5\"`"
            "{who}: `{source}` ist nicht verdrahtet; ein Wert, den jeder im Netz setzen kann, darf keinen Fluss öffnen"
                => "den Schalter mit dem Gateway verdrahten: `source = \"gpio 4,5\"`"
        /// The same permission twice.
        WrittenTwice { who: Thing, other: Thing, what: String } "RW0418" Warning
            "{who} opens `{what}`, which {other} opens already"
                => "take it out of one of the two"
            "{who} öffnet `{what}`, was {other} schon öffnet"
                => "es aus einem von beiden entfernen"
        /// Commands of which service?
        AllowWhich { who: Thing } "RW0419" Error
            "{who} limits commands and names several services; nobody can tell which one is meant"
                => "write one flow for each service"
            "{who} beschränkt Befehle und nennt mehrere Dienste; niemand kann sagen, welcher gemeint ist"
                => "je Dienst einen Fluss schreiben"
        /// An essential flow that stands still without the proxy, and nobody decided that it may.
        EssentialProxied { who: Thing } "RW0421" Warning
            "{who} is essential, and its commands pass through the command proxy: when that does not run, the flow is closed"
                => "decide in `decisions.toml` that this is right, under `[[proxy-loss]]` with who, role, date, until and why; or let the flow carry any command"
            "{who} ist wesentlich, und seine Befehle laufen durch den Befehls-Proxy: läuft der nicht, ist der Fluss geschlossen"
                => "in `decisions.toml` entscheiden, dass das richtig ist, unter `[[proxy-loss]]` mit who, role, date, until und why; oder dem Fluss jeden Befehl erlauben"
        /// The gateway with itself.
        GatewayBoth { who: Thing } "RW0420" Error
            "{who} goes from the gateway to the gateway"
                => "name a device or an address at one end"
            "{who} geht vom Gateway zum Gateway"
                => "an einem Ende ein Gerät oder eine Adresse nennen"
    }
}

/// Why a limited flow is open although nobody looks at its commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Its server enforces it.
    Server,
    /// Decided, until that day.
    PortOnly(String),
}

impl super::say::Say for Reason {
    fn say(&self, language: words::Language) -> String {
        match self {
            Self::Server => {
                language.pick("enforced by the server only", "nur der Server setzt ihn durch").to_owned()
            }
            Self::PortOnly(until) => language.pick(
                format!("opened by port only until {until}"),
                format!("nur nach Port geöffnet bis {until}"),
            ),
        }
    }
}
