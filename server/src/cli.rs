//! The command line: what can be typed, with the words a newcomer reads in `--help`.
//!
//! Exit codes: 0 done, 1 failed with one clear line on standard error, 2 bad usage (clap's own).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use crypto::day::{Day, Quarter};

/// Everything that can be typed after `payung`.
#[derive(Debug, Parser)]
#[command(
    name = "payung",
    version,
    about = "Privacy-preserving client identity and statistics for harm-reduction services"
)]
pub struct Cli {
    /// Folder that holds the keys, the databases and the release log.
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
    /// Show the privacy budget spent and left, by table and year.
    Ledger(StoreArgs),
    /// Check keys, databases and the release log.
    Doctor(StoreArgs),
    /// Measure this machine against the bare operations.
    Bench,
    /// Issue and read cards.
    #[command(subcommand)]
    Card(CardCommand),
}

/// Which database.
#[derive(Debug, Clone, Args)]
pub struct StoreArgs {
    /// `postgres://` URL; without it SQLite files in the data folder.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// `payung demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// End after the story instead of serving the status page until Ctrl-C.
    #[arg(long)]
    pub no_serve: bool,
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
    /// Which half of the service runs here.
    #[arg(long, value_enum, default_value_t = Role::All)]
    pub role: Role,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Address to listen on; put a TLS proxy before it.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: std::net::SocketAddr,
    /// Where the statistics role answers, when it runs on another host.
    #[arg(long, value_name = "URL")]
    pub analytics_url: Option<String>,
    /// `bulk` lifts the per-terminal limits, for a replay of many rows.
    #[arg(long, value_enum, default_value_t = LimitChoice::Standard)]
    pub limits: LimitChoice,
}

/// The halves of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Both halves in one process, joined by HTTP.
    All,
    /// Cards, staff, rosters.
    Identity,
    /// Reports and releases.
    Analytics,
}

/// How much one terminal may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LimitChoice {
    /// 30 presentations a minute, 600 a day, 50 activations a day.
    Standard,
    /// No practical limit: for replays only.
    Bulk,
}

/// `payung replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// CSV file: person,date,site,service,event,covered_until,gender,age_band
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// A running server; without it one is started in this process on the data folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// File with an operator's invitation, for a server whose data folder is elsewhere.
    #[arg(long, value_name = "FILE")]
    pub invitation_file: Option<PathBuf>,
    /// Enter every city and site that the file names into the registry first.
    #[arg(long)]
    pub register: bool,
    /// Where the data lie (when no server is given).
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `payung analytics`.
#[derive(Debug, Subcommand)]
pub enum AnalyticsCommand {
    /// Put the rows of a CSV file straight into the statistics store, person keys hashed.
    Import {
        /// CSV file: person,date,site,service,event,covered_until,gender,age_band
        #[arg(long, value_name = "FILE")]
        input: PathBuf,
        /// Enter every city and site that the file names into the registry first.
        #[arg(long)]
        register: bool,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `payung release`.
#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// Freeze a quarter, debit the ledger, draw the noise, sign and publish.
    Close {
        /// The quarter, for example 2026Q1.
        #[arg(long)]
        period: Quarter,
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
    /// Show how large the noise will be for stated sizes, before anything is measured.
    Plan(PlanArgs),
}

/// `payung release export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The quarter, for example 2026Q1.
    #[arg(long)]
    pub period: Quarter,
    /// The format.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
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
    /// DHIS2 dataValueSets, bulk JSON (needs --mapping).
    Dhis2,
    /// DHIS2 dataValueSets, CSV (needs --mapping).
    Dhis2Csv,
    /// IHE Aggregate Data Exchange, XML (needs --mapping).
    Adx,
    /// FHIR R4 MeasureReports in the shape of IHE mADX, JSON (needs --mapping).
    Fhir,
    /// One page with charts, for people.
    Html,
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
    /// Show the offline verdict of a card: a picture (PNG or JPEG) or the text of the code.
    Read {
        /// Path of a picture, or the text itself.
        image_or_text: String,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
}
