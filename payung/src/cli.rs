//! The command line: what can be typed, with the words a newcomer reads in `--help`.
//!
//! Exit codes: 0 done, 1 failed with one clear line on standard error, 2 bad usage (clap's own), 3 done except for rows of a file
//! that were refused.

mod backup;
mod bundle;
mod demo;
mod people;
mod tables;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use crypto::day::{Day, Quarter};
pub use people::{
    CounterArgs, OperatorCommand, PassphraseCommand, StaffCommand, TerminalArgs, TerminalCommand,
};
use server::options::{LimitChoice, Role, StoreArgs};

pub use backup::BackupCommand;
pub use bundle::{BundleCommand, SignArgs};
pub use demo::DemoArgs;
pub use tables::{AnalyticsCommand, ImportArgs, ReplayArgs, TableArgs};

/// Everything that can be typed after `payung`.
#[derive(Debug, Parser)]
#[command(
    name = "payung",
    version,
    about = "Privacy-preserving client identity and statistics for harm-reduction services"
)]
pub struct Cli {
    /// Folder that holds the keys and the databases.
    #[arg(
        long,
        global = true,
        default_value = "./payung-data",
        value_name = "DIR"
    )]
    pub data_dir: PathBuf,
    /// File whose first line is the passphrase (otherwise PAYUNG_PASSPHRASE, otherwise asked for).
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replay a real table through the whole system in a temporary folder and show the first releases.
    Demo(DemoArgs),
    /// Create the keys, the databases and the first operator's invitation.
    Init(InitArgs),
    /// Serve terminals and readers of releases.
    Serve(ServeArgs),
    /// Present every row of a CSV file at its site's provider, one card per person.
    Replay(ReplayArgs),
    /// Work on the statistics store.
    #[command(subcommand)]
    Analytics(AnalyticsCommand),
    /// Close, list, export and verify releases.
    #[command(subcommand)]
    Release(ReleaseCommand),
    /// Show, propose, sign and take the programme's keys.
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Show the privacy budget spent and left, by table and year.
    Ledger(LedgerArgs),
    /// Show what providers did today of what is limited by the day, or raise a provider's limit for today.
    Limits(crate::command::limits::LimitsArgs),
    /// Seal the key files under another passphrase.
    #[command(subcommand)]
    Passphrase(PassphraseCommand),
    /// Show by which day things are forgotten, or say that the machine's clock is right.
    Day(crate::command::day::DayArgs),
    /// Note that everything was copied, or show when it was.
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Check keys, databases, the release log, room on the disk and the age of the last backup.
    Doctor(StoreArgs),
    /// Measure this machine against the bare operations.
    Bench(BenchArgs),
    /// Audit the statistics as a stranger: fresh instances of this binary, judged by their exports alone.
    #[command(name = "audit-dp")]
    AuditDp(AuditArgs),
    /// Issue and read cards.
    #[command(subcommand)]
    Card(CardCommand),
    /// Invite an operator, when none is left who could.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Show the pages of this program on this machine, over a service elsewhere; or list enrolled terminals, or revoke one that is lost.
    #[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
    Terminal(TerminalArgs),
    /// Open a log-in name again.
    #[command(subcommand)]
    Staff(StaffCommand),
}

/// `payung ledger`.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// Another budget from the next calendar year on (asks for the passphrase); the year that runs keeps its own.
    #[arg(long, value_enum, value_name = "BUDGET", conflicts_with = "html")]
    pub next_budget: Option<BudgetChoice>,
    /// Write the ledger as a page to standard output.
    #[arg(long)]
    pub html: bool,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `payung init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// First day of the programme (YYYY-MM-DD); reports of earlier days are refused.
    #[arg(long, value_name = "DATE")]
    pub start: Option<Day>,
    /// Privacy budget per person and calendar year.
    #[arg(long, value_enum, default_value_t = BudgetChoice::Default)]
    pub budget: BudgetChoice,
    /// File whose first line is the root key's own passphrase (otherwise PAYUNG_ROOT_PASSPHRASE, otherwise asked for).
    #[arg(long, value_name = "FILE")]
    pub root_passphrase_file: Option<PathBuf>,
    /// Which half of the service will run here; remembered, as are the next ones.
    #[arg(long, value_enum, default_value_t = server::options::Role::All)]
    pub role: Role,
    /// Address that it will listen on.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<std::net::SocketAddr>,
    /// Where the statistics role will answer, when it runs on another host.
    #[arg(long, value_name = "URL")]
    pub analytics_url: Option<String>,
    /// Time zone whose days are the programme's, by its IANA name: Asia/Makassar, Asia/Bishkek.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub time_zone: zones::Zone,
    /// Folder of the release log, outside the data folder; without it one beside it, DIR-release-log.
    #[arg(long, value_name = "DIR")]
    pub release_log: Option<PathBuf>,
    /// Where the data will lie.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// The three budgets of `docs/privacy.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BudgetChoice {
    /// rho 0.0244: epsilon 1 at delta 1e-6.
    Strict,
    /// rho 0.0882: epsilon 2 at delta 1e-6.
    Default,
    /// rho 0.3111: epsilon 4 at delta 1e-6.
    Wide,
}

/// `payung serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Which half of the service runs here; without it what payung.toml says.
    #[arg(long, value_enum)]
    pub role: Option<Role>,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Address to listen on; put a TLS proxy before it. Without it what payung.toml says.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<std::net::SocketAddr>,
    /// Where the statistics role answers, when it runs on another host; without it what payung.toml says.
    #[arg(long, value_name = "URL")]
    pub analytics_url: Option<String>,
    /// `bulk` lifts the per-terminal limits, for a replay of many rows.
    #[arg(long, value_enum, default_value_t = LimitChoice::Standard)]
    pub limits: LimitChoice,
}

/// `payung release`.
#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// Freeze a quarter, debit the ledger, draw the noise, sign and publish.
    Close {
        /// The quarter, for example 2026Q1.
        #[arg(long)]
        period: Quarter,
        /// Do not ask, not even when no report ever came.
        #[arg(long)]
        yes: bool,
        /// The newest signed head of the release log that somebody else keeps: this log must go on from it.
        #[arg(long, value_name = "HEADFILE")]
        seen: Option<PathBuf>,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the published releases.
    List {
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Write a release to standard output.
    Export(ExportArgs),
    /// Write a mapping file to fill in, for the formats that speak in another system's codes.
    Mapping {
        /// The quarter, for example 2026Q1.
        #[arg(long)]
        period: Quarter,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Check an exported file: its signature, or that it follows from the signed release.
    Verify(VerifyArgs),
    /// Count a closed quarter once more and publish the next version, out of the year's reserve.
    Revise {
        /// The quarter, for example 2026Q1.
        #[arg(long)]
        period: Quarter,
        /// Why; may be given several times. Published as a fixed sentence.
        #[arg(long, value_enum, required = true, value_name = "REASON")]
        reason: Vec<ReasonChoice>,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the tables of releases, or turn one off for good.
    Tables(TablesArgs),
    /// Write the release log for others to keep, or check a copy of it.
    Log(LogArgs),
    /// Show how large the noise will be for stated sizes, before anything is measured.
    Plan(PlanArgs),
}

/// Why a quarter is counted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReasonChoice {
    /// Reports came after the quarter had closed.
    LateReports,
    /// Reports were put right.
    Corrections,
    /// Records of one person were joined.
    Merges,
}

/// `payung release tables`.
#[derive(Debug, Args)]
pub struct TablesArgs {
    /// Turn this table off, from the first quarter that is not closed on and for good (asks for the passphrase).
    #[arg(long, value_name = "CODE")]
    pub off: Option<String>,
    /// Really do it.
    #[arg(long, requires = "off")]
    pub yes: bool,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `payung release log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Write the log's signed head instead of the log (asks for the passphrase).
    #[arg(long, conflicts_with = "check")]
    pub sign: bool,
    /// The log was lost: list again what the database holds. Say so: "the log was lost and no copy closed a quarter"
    #[arg(long, value_name = "WORDS", conflicts_with_all = ["sign", "check"])]
    pub adopt: Option<String>,
    /// Check this copy of a log; nothing else is opened.
    #[arg(long, value_name = "NEWFILE")]
    pub check: Option<PathBuf>,
    /// An older copy: it must be the beginning of the newer one.
    #[arg(long, value_name = "OLDFILE", requires = "check")]
    pub mirror: Option<PathBuf>,
    /// The signed head fetched with the copy.
    #[arg(long, value_name = "HEADFILE", requires = "check")]
    pub head: Option<PathBuf>,
    /// The published release key (64 hexadecimal digits) that must have signed the head; without it the data folder's.
    #[arg(long, value_name = "HEX", requires = "head")]
    pub key: Option<String>,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `payung release export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The quarter, for example 2026Q1.
    #[arg(long)]
    pub period: Quarter,
    /// The version; without it the newest.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub version: Option<u32>,
    /// The format.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
    /// The language of html and pdf (English when left away).
    #[arg(long, value_enum)]
    pub language: Option<LanguageChoice>,
    /// File of codes, for dhis2, dhis2-csv, adx and fhir.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Also sign the exported bytes and write the signature here (asks for the passphrase).
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `payung release verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The exported file.
    pub file: PathBuf,
    /// The published release key (64 hexadecimal digits); without it the data folder's.
    #[arg(long, value_name = "HEX")]
    pub key: Option<String>,
    /// The signature written beside the file.
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
    /// The signed release (JSON): make the file again from it and compare.
    #[arg(long, value_name = "FILE")]
    pub release: Option<PathBuf>,
    /// The file's format, to make it again.
    #[arg(long, value_enum, requires = "release")]
    pub format: Option<Format>,
    /// Its language, when it is html or pdf (English when left away).
    #[arg(long, value_enum, requires = "format")]
    pub language: Option<LanguageChoice>,
    /// A copy of the programme's release log: the release must be in it.
    #[arg(long, value_name = "LOGFILE")]
    pub log: Option<PathBuf>,
    /// The mapping file that the export was made with.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
}

/// `payung release plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Clients active on the last day of a quarter.
    #[arg(long, value_name = "N")]
    pub active: u32,
    /// Cities of the registry.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4095))]
    pub cities: u16,
    /// Drop-outs in a quarter.
    #[arg(long, value_name = "N")]
    pub dropouts: u32,
    /// First enrolments in a quarter.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub first: u32,
    /// Services in use.
    #[arg(long, value_name = "N", default_value_t = 13, value_parser = clap::value_parser!(u8).range(1..))]
    pub services: u8,
    /// Services of one active client, on average; at most three are counted.
    #[arg(long, value_name = "X", default_value_t = 1.7, value_parser = services_each)]
    pub services_each: f64,
    /// Which quarter of the programme to look at: running totals grow with it.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=80))]
    pub quarter: u16,
    /// One budget only.
    #[arg(long, value_enum)]
    pub budget: Option<BudgetChoice>,
}

/// Export formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The signed release object itself.
    Json,
    /// One row a cell, with the noise range.
    Csv,
    /// DHIS2 dataValueSets, bulk JSON, quarterly tables (needs --mapping).
    Dhis2,
    /// The same of annual tables.
    Dhis2Yearly,
    /// DHIS2 dataValueSets, CSV, quarterly tables (needs --mapping).
    Dhis2Csv,
    /// The same of annual tables.
    Dhis2CsvYearly,
    /// IHE Aggregate Data Exchange, XML (needs --mapping).
    Adx,
    /// FHIR R4 MeasureReports in the shape of IHE mADX, JSON (needs --mapping).
    Fhir,
    /// One page with charts, for people.
    Html,
    /// The same report on paper.
    Pdf,
}

/// Languages of the formats for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageChoice {
    /// English.
    En,
    /// Indonesian.
    Id,
    /// Russian.
    Ru,
    /// Kyrgyz.
    Ky,
}

/// `payung bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Also measure what takes minutes: reports into a store of a million events.
    #[arg(long)]
    pub long: bool,
    /// `postgres://` URL of a server on which presentations and reports are measured too; databases are made there and dropped.
    #[arg(
        long,
        env = "PAYUNG_BENCH_DATABASE",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database: Option<String>,
}

/// `payung audit-dp`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Fresh instances of each of the two data sets; 60 take about three minutes on two cores, 150 about seven.
    #[arg(long, default_value_t = 150, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=10_000))]
    pub trials: u16,
    /// Cities of the data sets: each is one experiment of every instance.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u16).range(8..=999))]
    pub cities: u16,
    /// Only this test; may be given several times.
    #[arg(long, value_enum, value_name = "TEST")]
    pub only: Vec<AuditTest>,
    /// Budget of the trials.
    #[arg(long, value_enum, default_value_t = BudgetChoice::Default)]
    pub budget: BudgetChoice,
}

/// The tests of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditTest {
    /// The published noise is the declared noise.
    Residual,
    /// One person's presence shows no more than the declared loss allows.
    Distinguish,
    /// A release is the same bytes for ever, and drawn once.
    Equality,
    /// Around the noise nothing tells of one person more.
    Leaks,
    /// One report more that was delivered changes nothing but noise.
    Delivery,
    /// Two instances never draw the same noise.
    Seed,
    /// The declared losses follow from the declared noise.
    Accounting,
}

/// `payung card`.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Make blank cards: one SVG and one PNG each.
    Issue {
        /// How many (1 to 500).
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=500))]
        count: u16,
        /// Folder for the pictures; it must not exist or be empty.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Show the offline verdict of a card: a picture (PNG, JPEG or WebP) or the text of the code.
    Read {
        /// Path of a picture, or `-`: the text of the code comes from standard input (every process can read a command line).
        image_or_text: String,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// A number of services for one client: positive, and no more than are counted.
fn services_each(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number > 0.0 && number <= 3.0 {
        Ok(number)
    } else {
        Err("one client has more than 0 and at most 3 services here".to_owned())
    }
}
