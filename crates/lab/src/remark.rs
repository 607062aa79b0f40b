//! What there is to say about a case or about the twin, in both languages.

use words::Language;

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The addresses of the case are of two families.
    TwoFamilies,
    /// An address is behind no leg.
    BehindNoLeg,
    /// Both ends are behind one leg.
    SameLeg {
        /// The leg.
        leg: String,
    },
    /// Both ends are the gateway.
    GatewayOnly,
    /// The verdict is about commands.
    NeedsInspection,
    /// The alarm is for observation to raise.
    NeedsObservation,
    /// The service runs below IP.
    BelowIp,
    /// The flow limits its commands.
    LimitedCommands {
        /// The flow.
        flow: String,
    },
    /// The protocol agrees on a second connection in its commands.
    SecondConnection {
        /// The protocol.
        protocol: String,
    },
    /// Commands under way are not cut here.
    NoCutCommands,
    /// No single message asks for the command.
    NoRequest,
    /// What became of a command.
    Asked {
        /// The device got it.
        reached: bool,
        /// The device got something else.
        other: bool,
        /// The code of the refusal, where the client got one.
        exception: Option<u8>,
        /// The client got data.
        data: bool,
    },
    /// What became of a file transfer.
    Transferred {
        /// The control connection stood.
        control: bool,
        /// Data came at the port the server named.
        passive: bool,
        /// Data came at the port the client named.
        active: bool,
        /// Something came at a port nobody named.
        unnamed: bool,
    },
    /// Only TCP transfers are cut under way here.
    OnlyTcpIsCut,
    /// A host is missing in the twin.
    NoHost,
    /// A host and its leg do not hear each other.
    Deaf {
        /// The host.
        host: String,
    },
    /// The packet never came in.
    NeverCameIn {
        /// What was sent.
        sent: String,
        /// Where it should have come in.
        leg: String,
    },
    /// A transfer that ended, or did not.
    Transfer {
        /// Life of the permission, in milliseconds.
        open: u128,
        /// Time of the last packet received, in milliseconds.
        last: u128,
        /// Bytes received.
        bytes: u64,
    },
    /// What happened to each thing that was sent.
    Told(Vec<(String, Fate)>),
    /// The plant's own time, or the kernel, in its own words.
    System(String),
    /// Devices may answer less than hosts do.
    HostsAnswer,
    /// Nothing is known of the cabling.
    Cabling,
    /// A tunnel is played by a cable.
    TunnelIsCable {
        /// The leg.
        leg: String,
    },
    /// A device with several interfaces is several hosts.
    SeveralHosts {
        /// The device.
        asset: String,
    },
    /// An interface is behind no leg.
    InterfaceNotInTwin {
        /// The device.
        asset: String,
    },
}

/// What happened to something that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrived, and the answer came back.
    Answered,
    /// It arrived, and no answer came back.
    Unanswered,
    /// It reached the gateway and went no further.
    Stopped,
    /// It did not reach the gateway.
    Lost,
}

impl Fate {
    fn text(self, language: Language) -> &'static str {
        match self {
            Fate::Answered => language.pick("arrived and was answered", "kam an und wurde beantwortet"),
            Fate::Unanswered => {
                language.pick("arrived, no answer came back", "kam an, keine Antwort kam zurück")
            }
            Fate::Stopped => language.pick("stopped at the gateway", "endete am Gateway"),
            Fate::Lost => language.pick("never reached the gateway", "erreichte das Gateway nie"),
        }
    }
}

impl Remark {
    /// The remark as a clause.
    pub fn text(&self, language: Language) -> String {
        let plain = |english: &str, german: &str| language.pick(english, german).to_owned();
        match self {
            Remark::TwoFamilies => plain(
                "the two addresses are not of one family",
                "die beiden Adressen gehören nicht zur selben Adressfamilie",
            ),
            Remark::BehindNoLeg => plain(
                "one of the addresses is behind no leg",
                "eine der Adressen liegt hinter keinem Anschluss",
            ),
            Remark::SameLeg { leg } => language.pick(
                format!("both ends are behind {leg}: it never passes the gateway"),
                format!("beide Enden liegen hinter {leg}: es läuft nie über das Gateway"),
            ),
            Remark::GatewayOnly => plain("both ends are the gateway", "beide Enden sind das Gateway"),
            Remark::NeedsInspection => {
                plain("needs the inspection of commands", "braucht die Prüfung der Befehle")
            }
            Remark::NeedsObservation => {
                plain("the alarm needs observation", "der Alarm braucht die Beobachtung")
            }
            Remark::BelowIp => plain(
                "below IP: it never passes the gateway",
                "unterhalb von IP: es läuft nie über das Gateway",
            ),
            Remark::LimitedCommands { flow } => language.pick(
                format!("the commands of {flow} are limited, and this lab inspects none"),
                format!("die Befehle von {flow} sind begrenzt, und dieses Labor prüft keine"),
            ),
            Remark::SecondConnection { protocol } => language.pick(
                format!("{protocol} agrees on a second connection in its commands"),
                format!("{protocol} verabredet in seinen Befehlen eine zweite Verbindung"),
            ),
            Remark::NoCutCommands => plain(
                "a command is over in an instant: cut a connection (`tcp PORT`) instead",
                "ein Befehl ist in einem Augenblick vorbei: stattdessen eine Verbindung (`tcp PORT`) abschneiden",
            ),
            Remark::NoRequest => plain(
                "no single message of the protocol asks for this command",
                "keine einzelne Nachricht des Protokolls fragt nach diesem Befehl",
            ),
            Remark::Asked { reached, other, exception, data } => {
                let device = match (reached, other) {
                    (true, _) => language.pick("the device got it", "das Gerät bekam ihn"),
                    (false, true) => {
                        language.pick("the device got something else", "das Gerät bekam etwas anderes")
                    }
                    (false, false) => language.pick("the device got nothing", "das Gerät bekam nichts"),
                };
                let client = match (exception, data) {
                    (Some(code), _) => language.pick(
                        format!("the client got refusal {code:02X}"),
                        format!("der Client bekam die Ablehnung {code:02X}"),
                    ),
                    (None, true) => plain("the client got its answer", "der Client bekam seine Antwort"),
                    (None, false) => plain("the client got no answer", "der Client bekam keine Antwort"),
                };
                format!("{device}, {client}")
            }
            Remark::Transferred { control, passive, active, unnamed } => {
                let word =
                    |yes: &bool| if *yes { language.pick("yes", "ja") } else { language.pick("no", "nein") };
                language.pick(
                    format!(
                        "control connection: {}; data at the port the server named: {}; at the port the client named: \
                         {}; at a port nobody named: {}",
                        word(control),
                        word(passive),
                        word(active),
                        word(unnamed)
                    ),
                    format!(
                        "Steuerverbindung: {}; Daten am Port, den der Server nannte: {}; am Port, den der Client \
                         nannte: {}; an einem Port, den niemand nannte: {}",
                        word(control),
                        word(passive),
                        word(active),
                        word(unnamed)
                    ),
                )
            }
            Remark::OnlyTcpIsCut => plain(
                "only a TCP transfer can be cut under way here",
                "nur eine laufende TCP-Übertragung lässt sich hier abschneiden",
            ),
            Remark::NoHost => plain(
                "the twin has no host for one of the ends",
                "der Zwilling hat für eines der Enden kein Gerät",
            ),
            Remark::Deaf { host } => language.pick(
                format!("host {host} and its leg do not hear each other"),
                format!("Gerät {host} und sein Anschluss hören einander nicht"),
            ),
            Remark::NeverCameIn { sent, leg } => language
                .pick(format!("{sent} never came in on {leg}"), format!("{sent} kam nie auf {leg} herein")),
            Remark::Transfer { open, last, bytes } => {
                let (open, last) = (*open as f64 / 1000.0, *last as f64 / 1000.0);
                language.pick(
                    format!("open for {open:.1} s, last packet received after {last:.2} s, {bytes} bytes"),
                    format!("{open:.1} s offen, letztes Paket nach {last:.2} s empfangen, {bytes} Byte"),
                )
            }
            Remark::Told(parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|(sent, fate)| format!("{sent} {}", fate.text(language))).collect();
                parts.join("; ")
            }
            Remark::System(text) => text.clone(),
            Remark::HostsAnswer => plain(
                "hosts answer what the gateway lets through; devices may not",
                "die nachgebildeten Geräte beantworten alles, was das Gateway durchlässt; echte vielleicht nicht",
            ),
            Remark::Cabling => plain(
                "cables, switches and their settings are taken to be as the plant says",
                "Kabel, Switches und deren Einstellungen gelten als so, wie die Anlage sagt",
            ),
            Remark::TunnelIsCable { leg } => language.pick(
                format!("{leg} is played by a cable: tunnels and their keys are not tried"),
                format!("{leg} ist hier ein Kabel: Tunnel und ihre Schlüssel sind nicht erprobt"),
            ),
            Remark::SeveralHosts { asset } => language.pick(
                format!("{asset} has several interfaces: each is played by a host of its own"),
                format!("{asset} hat mehrere Schnittstellen: jede ist hier ein eigenes Gerät"),
            ),
            Remark::InterfaceNotInTwin { asset } => language.pick(
                format!("{asset} has an interface behind no leg: it is not in the twin"),
                format!("{asset} hat eine Schnittstelle hinter keinem Anschluss: sie fehlt im Zwilling"),
            ),
        }
    }
}
