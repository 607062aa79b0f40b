//! The command line: one declaration per command; the comments are the help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// From a plain-text plant to security that is enforced, proved and evidenced after IEC 62443.
#[derive(Debug, Parser)]
#[command(name = "ringwall", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Arguments {
    /// What to print: text for people, or one JSON document on standard output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Language of everything people read: en or de. Without it, the language of the system.
    #[arg(long, alias = "lang", global = true, value_name = "LANGUAGE", value_parser = language)]
    pub language: Option<words::Language>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For scripts.
    Json,
}

fn language(tag: &str) -> Result<words::Language, String> {
    words::Language::from_tag(tag).ok_or_else(|| "the languages are en and de".to_owned())
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a plant and say everything there is to say about it, in one run.
    Check(Check),
    /// Assess the risk of a plant: scenarios, target levels with reasons, requirements, findings, measures.
    Assess(Assess),
    /// Say what a change of a plant means for risk.
    Diff(Diff),
    /// Write the firewall of a plant as nft text.
    Compile(Compile),
    /// Prove that the rules the kernel runs do exactly what the plant says.
    Prove(Prove),
    /// Load the firewall of a plant into this machine: built beside what runs, proved, then switched to.
    Load(Load),
    /// Show the packets that only one of two nft files lets through.
    Compare(Compare),
    /// Run the command proxy of this gateway, in the foreground: it lets through the commands the plant permits and
    /// answers the others. SIGHUP has it read its table again, SIGTERM ends it.
    Gateway(Gateway),
    /// Build the plant in network namespaces and send every case as real traffic.
    Lab(Lab),
    /// Say per zone, conduit and requirement of IEC 62443-3-3 what is proved, observed, attested or not assessed, and
    /// the level that follows: declared, by design, on site.
    Assure(Assure),
    /// Write one page about a plant that needs no network: map, flows, proof, cases, blocked commands, levels.
    Show(Show),
    /// Explain a code such as RW0101: why it matters, an example, the remedy.
    Explain(Explain),
    /// Pack everything a proof stands on into one signed file: plant, rules, the kernel's answer, cases, log.
    Bundle(Bundle),
    /// Verify such a file anywhere: check every part, read the plant, compile it and prove it again.
    Verify(Verify),
    /// Look at the log that the steps of the loop leave behind.
    #[command(subcommand)]
    Log(LogCommand),
    /// The whole way on an example plant: check, compile, load, prove, send, then break it on purpose.
    Demo(Demo),
}

/// A plant.
#[derive(Debug, Clone, Args)]
pub struct Plant {
    /// The plant: a TOML file, or a folder with plant.toml (and decisions.toml).
    pub plant: PathBuf,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Which plant.
    #[command(flatten)]
    pub plant: Plant,
    /// Where to keep what was found.
    #[command(flatten)]
    pub log: LogTo,
}

/// Arguments of `assess`.
#[derive(Debug, Args)]
pub struct Assess {
    /// The plant: a TOML file, or a folder with plant.toml (and decisions.toml).
    pub plant: PathBuf,

    /// Other tables of kinds, words, factors and measures than the ones this program ships.
    #[arg(long, value_name = "FILE")]
    pub knowledge: Option<PathBuf>,

    /// The folder of the log with the evidence; what it shows on site counts as met.
    #[arg(long, value_name = "DIR")]
    pub log: Option<PathBuf>,

    /// The public key of a machine on site, as its owner handed it over. Without it, nothing found on site counts. May
    /// be repeated.
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,

    /// What was seen at the plant: {"services": [{"asset": "sw1", "service": "telnet"}], "separated": ["control"]}.
    #[arg(long, value_name = "FILE")]
    pub observed: Option<PathBuf>,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The plant as it was: a file, a folder, or REVISION:PATH of the git repository one stands in.
    pub old: String,

    /// The plant as it is, in the same forms.
    pub new: String,

    /// Other tables of kinds, words, factors and measures than the ones this program ships.
    #[arg(long, value_name = "FILE")]
    pub knowledge: Option<PathBuf>,

    /// What was seen since, as for `assess`.
    #[arg(long, value_name = "FILE")]
    pub observed: Option<PathBuf>,
}

/// Where a command keeps what it found.
#[derive(Debug, Clone, Args)]
pub struct LogTo {
    /// Append what was found to the log in this folder, signed. Without it nothing is kept.
    #[arg(long, value_name = "DIR")]
    pub log: Option<PathBuf>,

    /// The private key to sign with. Without it: the key of the lab, which is made on first use.
    #[arg(long, value_name = "FILE", requires = "log")]
    pub sign_key: Option<PathBuf>,
}

/// A plant at a moment.
#[derive(Debug, Clone, Args)]
pub struct Situation {
    /// The plant: a TOML file, or a folder with plant.toml (and decisions.toml).
    pub plant: PathBuf,

    /// Moment: RFC 3339 such as 2027-07-01T02:30+02:00, or "02:30" or "Sun 02:00" in the plant's time (the next
    /// such moment). Without it: now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,

    /// What is given at that moment: "F19 approved", "F19 approved for 3s", "key = ONLINE". May be repeated.
    #[arg(long, value_name = "WHAT", num_args = 1..)]
    pub given: Vec<String>,
}

/// Arguments of `compile`.
#[derive(Debug, Args)]
pub struct Compile {
    /// Which plant and when.
    #[command(flatten)]
    pub situation: Situation,

    /// Write the table of commands that `ringwall gateway` takes to this file as well.
    #[arg(long, value_name = "FILE")]
    pub commands: Option<PathBuf>,

    /// Where to keep what was found.
    #[command(flatten)]
    pub log: LogTo,
}

/// Arguments of `prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// Which plant and when.
    #[command(flatten)]
    pub situation: Situation,

    /// Prove this nft file instead of the running rules: it is loaded into a throwaway network namespace first.
    #[arg(long, value_name = "FILE")]
    pub ruleset: Option<PathBuf>,

    /// This is the machine of this serial number as it stands in the plant: keep the proof as one of the site.
    /// Needs the machine's own key.
    #[arg(long, value_name = "SERIAL", requires = "sign_key", conflicts_with = "ruleset")]
    pub site: Option<String>,

    /// Where to keep what was found.
    #[command(flatten)]
    pub log: LogTo,
}

/// Arguments of `load`.
#[derive(Debug, Args)]
pub struct Load {
    /// Which plant and when.
    #[command(flatten)]
    pub situation: Situation,

    /// Write the table of commands that `ringwall gateway` takes to this file, just before the rules decide.
    #[arg(long, value_name = "FILE")]
    pub commands: Option<PathBuf>,

    /// This is the machine of this serial number as it stands in the plant: keep the load and its proof as ones of
    /// the site. Needs the machine's own key.
    #[arg(long, value_name = "SERIAL", requires = "sign_key")]
    pub site: Option<String>,

    /// Where to keep what was found.
    #[command(flatten)]
    pub log: LogTo,
}

/// Arguments of `gateway`.
#[derive(Debug, Args)]
pub struct Gateway {
    /// The table of commands that `ringwall load` writes; read again when it is replaced.
    #[arg(long, value_name = "FILE")]
    pub commands: PathBuf,

    /// This is the machine of this serial number as it stands in the plant: keep what was refused as evidence of the
    /// site. Needs the machine's own key.
    #[arg(long, value_name = "SERIAL", requires = "sign_key")]
    pub site: Option<String>,

    /// Where to keep what was refused.
    #[command(flatten)]
    pub log: LogTo,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// First nft file.
    pub a: PathBuf,
    /// Second nft file.
    pub b: PathBuf,
}

/// Arguments of `lab`.
#[derive(Debug, Args)]
pub struct Lab {
    /// The plant: a TOML file, or a folder with plant.toml (and decisions.toml).
    pub plant: PathBuf,

    /// Only the cases the plant carries, without those derived from its flows.
    #[arg(long)]
    pub expects_only: bool,

    /// nft text to apply after the compiled rules are loaded, to see the lab notice it (for example
    /// "flush ruleset").
    #[arg(long, value_name = "FILE")]
    pub after_load: Option<PathBuf>,

    /// Where to keep what was found.
    #[command(flatten)]
    pub log: LogTo,
}

/// Arguments of `assure`.
#[derive(Debug, Args)]
pub struct Assure {
    /// The plant: a TOML file, or a folder with plant.toml (and decisions.toml, where people vouch for what nothing
    /// can measure).
    pub plant: PathBuf,

    /// The folder of the log with the evidence; without it, only what people vouch for counts.
    #[arg(long, value_name = "DIR")]
    pub log: Option<PathBuf>,

    /// The public key of a machine on site, as its owner handed it over. Without it, nothing found on site counts. May
    /// be repeated.
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Which plant and when.
    #[command(flatten)]
    pub situation: Situation,

    /// The file to write. Without it: the plant's id with .html, in the current folder.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The folder of the log with the evidence; without it, the page says what is not known yet.
    #[arg(long, value_name = "DIR")]
    pub log: Option<PathBuf>,

    /// The public key of a gateway on site whose records count. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The code, for example RW0101; without one, all codes are listed.
    pub code: Option<String>,
}

/// What to do with a log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Verify a log without any network: whether something was changed, removed, added or reordered, and where.
    Verify(LogVerify),
    /// Keys that sign what is found on a machine in a plant.
    #[command(subcommand)]
    Key(LogKey),
}

/// Arguments of `log verify`.
#[derive(Debug, Args)]
pub struct LogVerify {
    /// The folder of the log.
    #[arg(value_name = "DIR")]
    pub log: PathBuf,

    /// A checkpoint of the log that was kept elsewhere: shows whether the log was cut or written anew since.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,

    /// The public key of who writes the log, from where you keep it. Without it: the one in the log's folder.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum LogKey {
    /// Make the key of a machine, on that machine. Prints the public key: hand it to whoever has to believe the log.
    New(LogKeyNew),
}

/// Arguments of `log key new`.
#[derive(Debug, Args)]
pub struct LogKeyNew {
    /// The serial number of the machine.
    #[arg(long, value_name = "SERIAL")]
    pub site: String,

    /// Where to keep the private key; there must be no such file yet.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Arguments of `bundle`.
#[derive(Debug, Args)]
pub struct Bundle {
    /// Which plant and when.
    #[command(flatten)]
    pub situation: Situation,

    /// The log to pack. The proof made for the bundle is appended to it first.
    #[arg(long, value_name = "DIR")]
    pub log: PathBuf,

    /// The private key to sign with. Without it: the key of the lab, which is made on first use.
    #[arg(long, value_name = "FILE")]
    pub sign_key: Option<PathBuf>,

    /// This is the machine of this serial number as it stands in the plant: pack the rules it runs, not those of the
    /// twin. Needs the machine's own key.
    #[arg(long, value_name = "SERIAL", requires = "sign_key")]
    pub site: Option<String>,

    /// The file to write.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The file.
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,

    /// The public key that must have signed it, from where you keep it. Without it: the one the file names, which
    /// shows only that nothing was changed since.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The plant to show; without it, the assembly line this program carries.
    pub plant: Option<PathBuf>,

    /// The page to write at the end. Without it: the plant's id with .html, in the current folder.
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,

    /// Where to keep what was found.
    #[command(flatten)]
    pub log: LogTo,
}
