//! What a release says, in Indonesian.

use super::super::texts::{Caps, Ends, Rates, Reasons, Tables, Words};

pub(super) const WORDS: Words = Words {
    tables: TABLES,
    groups: [
        "perempuan, di bawah 25",
        "perempuan, 25 ke atas",
        "laki-laki, di bawah 25",
        "laki-laki, 25 ke atas",
        "lain atau tidak disebutkan, di bawah 25",
        "lain atau tidak disebutkan, 25 ke atas",
    ],
    ends: Ends {
        still_there: "masih ikut",
        dropped_out: "putus layanan",
        completed: "selesai",
        transferred: "dirujuk",
        died: "meninggal",
        imprisoned: "dipenjara",
        moved: "pindah",
        withdrew: "mengundurkan diri",
        lapsed: "tidak aktif lagi",
        left: "keluar dengan cara lain",
    },
    stages: [
        "tahu statusnya, tidak dalam pengobatan",
        "dalam pengobatan, tidak diketahui tersupresi",
        "dalam pengobatan dan tersupresi",
    ],
    delays: [
        "dalam 7 hari",
        "dalam 8 sampai 28 hari",
        "dalam 29 sampai 90 hari",
        "tidak dalam 90 hari",
    ],
    caps: Caps {
        active: "klien aktif: satu sel per triwulan (kota kontak terakhir, kelompok yang tercatat)",
        services: "layanan: paling banyak tiga per triwulan, di kota kontak terakhir",
        dropouts: "putus layanan: paling banyak dua per tahun kalender, paling banyak satu per layanan dan tahun",
        returns: "kembali: paling banyak dua per tahun kalender, paling banyak satu per layanan dan tahun",
        first: "pendaftaran pertama: satu seumur hidup",
        time: "waktu sampai putus: satu pendaftaran per kohort; menurut layanan paling banyak dua layanan per kohort, masing-masing satu pendaftaran",
        moves: "pindah tanpa rujukan tercatat: paling banyak satu per tahun kalender",
        linkage: "sampai ke pengobatan: satu seumur hidup",
        cascade: "tahap pengobatan: satu tahap per tahun",
    },
    unit: "satu orang dengan semua laporannya, ditambahkan atau dihapus",
    budgets: ["ketat", "baku", "longgar"],
    rates: Rates {
        drop_out: (
            "putus layanan dalam triwulan untuk setiap 100 klien aktif",
            "klien aktif pada hari terakhir triwulan",
        ),
        on_treatment: (
            "klien dalam pengobatan HIV pada hari terakhir tahun",
            "klien aktif yang tahu bahwa ia hidup dengan HIV",
        ),
        suppressed: (
            "klien dengan muatan virus tersupresi",
            "klien aktif dalam pengobatan HIV",
        ),
        linked: (
            "klien yang memulai pengobatan HIV dalam sekian hari setelah tes positif pertama",
            "klien dengan tes positif pertama",
        ),
        dropped_out: (
            "klien yang putus layanan sampai hari itu",
            "semua yang mendaftar dalam kohort",
        ),
        retained: (
            "klien yang masih ikut setelah hari itu",
            "semua yang mendaftar dalam kohort",
        ),
        retained_others: (
            "klien yang masih ikut setelah hari itu, tanpa yang keluar dengan cara lain",
            "semua yang mendaftar dalam kohort, tanpa yang keluar selain karena putus layanan",
        ),
    },
    reasons: Reasons {
        changed: "tabel {tables} dihitung ulang dengan semua yang diketahui pada {day}; tabel lain tidak berubah",
        late: "laporan tentang triwulan ini tiba setelah triwulan ditutup",
        corrections: "laporan tentang triwulan ini diperbaiki setelah triwulan ditutup",
        merges: "catatan milik orang yang sama digabungkan setelah triwulan ditutup",
    },
};

const TABLES: Tables = Tables {
    a: ("klien aktif pada hari terakhir triwulan", "klien"),
    b: (
        "klien aktif dalam suatu layanan pada hari terakhir triwulan",
        "pasangan klien dan layanan (paling banyak tiga layanan per klien)",
    ),
    d: (
        "putus layanan dalam triwulan",
        "kejadian putus layanan (paling banyak dua per klien dalam setahun)",
    ),
    dy: (
        "putus layanan dalam tahun kalender",
        "kejadian putus layanan (paling banyak dua per klien dalam setahun, satu per layanan)",
    ),
    e: (
        "klien yang kembali ke layanan setelah putus, masih aktif pada akhir triwulan",
        "kejadian kembali (paling banyak dua per klien dalam setahun)",
    ),
    f: ("klien yang mendaftar untuk pertama kali", "klien"),
    g: (
        "waktu dari pendaftaran dalam program sampai putus: klien yang mendaftar dari April tahun sebelumnya sampai Maret",
        "klien (satu pendaftaran per orang)",
    ),
    gs: (
        "waktu dari pendaftaran dalam layanan sampai putus: yang mendaftar dari April tahun sebelumnya sampai Maret",
        "pendaftaran (paling banyak dua layanan per klien)",
    ),
    s: (
        "klien yang pindah ke lokasi lain dari suatu layanan tanpa rujukan tercatat, dalam tahun kalender",
        "klien (satu kepindahan per orang)",
    ),
    l: (
        "klien dengan tes HIV positif pertama dari Oktober tahun sebelumnya sampai September, menurut waktu sampai pengobatan",
        "klien",
    ),
    c: (
        "klien aktif pada hari terakhir tahun yang tahu bahwa ia hidup dengan HIV, menurut pengobatan dan supresi",
        "klien",
    ),
    ra: (
        "klien aktif pada hari terakhir triwulan, dihitung ulang",
        "klien",
    ),
    rd: (
        "putus layanan dalam triwulan, dihitung ulang",
        "kejadian putus layanan (paling banyak dua per klien dalam setahun)",
    ),
};
