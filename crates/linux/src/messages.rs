//! What this machine lacks and what to do about it, in both languages.

use std::fmt;

use words::{Language, Message};

/// What this machine must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// User namespaces for whoever runs us.
    UserNamespaces,
    /// Network namespaces, and the right to configure one.
    NetworkNamespaces,
    /// The command `nft`.
    Nft,
    /// `/dev/net/tun`.
    Tun,
    /// nf_tables in the kernel.
    NfTables,
    /// Transparent sockets, and rules that hand connections to them.
    TransparentProxy,
}

/// What helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Set a kernel setting, or run as root.
    Set {
        /// Setting.
        setting: &'static str,
        /// Value.
        value: &'static str,
    },
    /// More namespaces than are permitted are in use.
    RaiseNamespaces,
    /// A kernel built with namespaces.
    KernelWithNamespaces,
    /// Whatever confines us has to allow them.
    AllowNamespaces,
    /// Install a package.
    Install {
        /// Package.
        package: &'static str,
    },
    /// Load modules.
    Modules {
        /// Their names.
        modules: &'static str,
    },
    /// The right to configure the network.
    NetAdmin,
    /// Load a module and allow its device.
    Device {
        /// Module.
        module: &'static str,
    },
}

/// Something this machine lacks, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// What.
    pub need: Need,
    /// Where the machine says so: a file and its value, or the kernel's answer.
    pub seen: String,
    /// What to install or enable.
    pub remedy: Remedy,
}

impl Lacking {
    pub(crate) fn new(need: Need, seen: impl Into<String>, remedy: Remedy) -> Self {
        Self { need, seen: seen.into(), remedy }
    }
}

impl Message for Lacking {
    fn code(&self) -> &'static str {
        match self.need {
            Need::UserNamespaces => "RW1001",
            Need::NetworkNamespaces => "RW1002",
            Need::Nft => "RW1003",
            Need::Tun => "RW1004",
            Need::NfTables => "RW1005",
            Need::TransparentProxy => "RW1006",
        }
    }

    fn text(&self, language: Language) -> String {
        let what = match self.need {
            Need::UserNamespaces => {
                language.pick("user namespaces are not available", "User-Namespaces sind nicht verfügbar")
            }
            Need::NetworkNamespaces => language
                .pick("network namespaces are not available", "Netzwerk-Namespaces sind nicht verfügbar"),
            Need::Nft => {
                language.pick("the command `nft` is not installed", "der Befehl `nft` ist nicht installiert")
            }
            Need::Tun => {
                language.pick("TUN interfaces are not available", "TUN-Schnittstellen sind nicht verfügbar")
            }
            Need::NfTables => language.pick("the kernel has no nf_tables", "der Kernel hat kein nf_tables"),
            Need::TransparentProxy => language.pick(
                "connections cannot be handed to a transparent proxy",
                "Verbindungen lassen sich keinem transparenten Proxy übergeben",
            ),
        };
        format!("{what} ({})", self.seen)
    }

    fn help(&self, language: Language) -> String {
        match &self.remedy {
            Remedy::Set { setting, value } => language.pick(
                format!("enable them with `sysctl {setting}={value}`, or run as root"),
                format!("mit `sysctl {setting}={value}` einschalten oder als root ausführen"),
            ),
            Remedy::RaiseNamespaces => language.pick(
                "raise `sysctl user.max_user_namespaces` and `user.max_net_namespaces`: their number is used up"
                    .to_owned(),
                "`sysctl user.max_user_namespaces` und `user.max_net_namespaces` erhöhen: ihre Zahl ist erschöpft"
                    .to_owned(),
            ),
            Remedy::KernelWithNamespaces => language.pick(
                "use a kernel with CONFIG_USER_NS and CONFIG_NET_NS".to_owned(),
                "einen Kernel mit CONFIG_USER_NS und CONFIG_NET_NS verwenden".to_owned(),
            ),
            Remedy::AllowNamespaces => language.pick(
                "the kernel or a container forbids them: allow unshare(CLONE_NEWUSER) in its seccomp profile, or \
                 run as root outside it"
                    .to_owned(),
                "der Kernel oder ein Container verbietet sie: unshare(CLONE_NEWUSER) in dessen seccomp-Profil \
                 erlauben oder außerhalb als root ausführen"
                    .to_owned(),
            ),
            Remedy::Install { package } => language
                .pick(format!("install the package `{package}`"), format!("das Paket `{package}` installieren")),
            Remedy::Modules { modules } => language.pick(
                format!("load the modules with `modprobe -a {modules}`"),
                format!("die Module mit `modprobe -a {modules}` laden"),
            ),
            Remedy::NetAdmin => language.pick(
                "run it as root, or give it the capability CAP_NET_ADMIN".to_owned(),
                "als root ausführen oder ihm die Capability CAP_NET_ADMIN geben".to_owned(),
            ),
            Remedy::Device { module } => language.pick(
                format!("load the module `{module}` and allow its device"),
                format!("das Modul `{module}` laden und sein Gerät freigeben"),
            ),
        }
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.text(Language::English), self.help(Language::English))
    }
}

impl std::error::Error for Lacking {}
