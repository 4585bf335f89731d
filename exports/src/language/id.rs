//! Indonesian.

use super::texts::{FigureTexts, Head, Limits, Proof, RateTexts, Services, Texts};

#[path = "id_words.rs"]
mod words;

pub(super) const TEXTS: Texts = Texts {
    name: "Bahasa Indonesia",
    languages: "Bahasa",
    months: [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ],
    day: "{day} {month} {year}",
    quarters: [
        "triwulan I {year}",
        "triwulan II {year}",
        "triwulan III {year}",
        "triwulan IV {year}",
    ],
    head: HEAD,
    figure: FIGURE,
    rate: RATE,
    limits: LIMITS,
    proof: PROOF,
    services: SERVICES,
    words: Some(words::WORDS),
};

const HEAD: Head = Head {
    title: "Rilis {period}: {quarter}",
    published: "{from} sampai {to}, terbit {closed}.",
    again: "Ini versi {version}: triwulan ini diukur ulang.",
    reasons: "Apa yang berubah dan mengapa",
    reading: [
        "Setiap angka di sini dihitung satu kali lalu ditambah derau acak sebelum dilihat siapa pun, sehingga tidak ada yang dapat mengetahui apakah orang tertentu ikut terhitung. Besar derau itu diketahui. Di samping setiap angka ada rentangnya: dalam 95 dari 100 kasus, jumlah sebelum derau ada di dalamnya.",
        "Pada grafik, batang atau titik adalah angkanya dan garis yang melewati ujungnya adalah rentangnya. Batang yang hanya bergaris tepi, atau titik kosong, berarti keandalannya rendah: rentangnya lebih lebar dari 30\u{a0}% angka itu ke salah satu arah. Bacalah sebagai \u{201c}kecil\u{201d}, bukan sebagai angka.",
        "Rentang tanpa garis ujung di kiri berlanjut di bawah nol.",
    ],
    table: "Tabel {table}: {title}",
    counted: "Yang dihitung: {unit}.",
    yearly: "Terbit sekali setahun, bersama triwulan keempat.",
    off: "Tidak diterbitkan atas keputusan program: tabel {tables}.",
};

const FIGURE: FigureTexts = FigureTexts {
    whole: "seluruh program",
    other: "lainnya (tidak terdaftar)",
    together: "seluruhnya",
    by_city: "Menurut kota",
    by_service: "Menurut layanan",
    by_group: "Menurut gender dan umur",
    by_kind: "Menurut jenis",
    by_day: "Perjalanan waktu",
    by_city_and_service: "Menurut kota dan layanan",
    by_city_and_kind: "Menurut kota dan jenis",
    by_service_and_kind: "Menurut layanan dan jenis",
    new: "baru dalam triwulan ini",
    cumulative: "semua sejak {quarter}",
    combined: "gabungan kedua pengukuran",
    revised: "diukur ulang",
    change: "perubahan dari pengukuran pertama",
    noise: "rentang derau {range}",
    low_noise: "rentang derau {range}; keandalan rendah",
    range: "{lo} sampai {hi}",
    caption: "{title}, dalam angka",
    cell: "Sel",
    number: "Angka",
    interval: "Rentang (95\u{a0}%)",
    reliability: "Keandalan",
    day: "Hari",
    on_day: "hari ke-{day}",
    ok: "baik",
    low: "rendah",
    described: "Angka dan rentang derau 95\u{a0}%.",
    described_curve: "Garis bertangga menurut hari sejak pendaftaran, dengan rentang derau 95\u{a0}% sebagai pita.",
    days: "hari sejak pendaftaran",
    largest: "Gambar menunjukkan {shown} terbesar dari {count} angka; tabel memuat semuanya.",
    details: "{title} ({count} angka)",
};

const RATE: RateTexts = RateTexts {
    title: "Persentase",
    about: "Persentase adalah satu angka berderau dibagi angka berderau lain. Rentangnya mencakup derau keduanya. Titik adalah persentasenya dan garis adalah rentangnya.",
    of: "Dari setiap 100: {denominator}.",
    percent: "Persen",
    none: "tidak dapat diperkirakan",
    why_none: "Tidak dapat diperkirakan berarti: angka pembaginya tidak cukup jauh di atas deraunya, sehingga tidak ada persentase yang dapat dihitung.",
    described: "Persen dan rentang derau 95\u{a0}%.",
};

const LIMITS: Limits = Limits {
    title: "Apa yang dapat dan tidak dapat dikatakan angka-angka ini",
    can_title: "Yang dapat dikatakan",
    can: [
        "berapa orang yang dilayani program, dan bagaimana perubahannya dari triwulan ke triwulan;",
        "perbedaan antar kota dan antar layanan, jika rentangnya tidak bertumpang tindih;",
        "jumlah keseluruhan: derau pada angka besar kecil dibandingkan angkanya.",
    ],
    cannot_title: "Yang tidak dapat dikatakan",
    cannot: [
        "apa pun tentang satu orang: apakah seseorang ikut program, di mana, atau sejak kapan;",
        "bahwa satu kota lebih tinggi dari kota lain jika rentangnya bertumpang tindih;",
        "bahwa tidak ada orang di sana: angka dekat nol dengan rentang lebar berarti \u{201c}sedikit atau tidak ada\u{201d};",
        "mengapa suatu angka berubah, atau seberapa besar jika semua orang yang bisa datang memang datang: rentang hanya mencakup derau, bukan kebetulan siapa yang datang dan bukan yang tidak pernah dilaporkan;",
        "apa pun menurut lokasi atau penyedia layanan, menurut zat, atau tentang hasil tes seseorang: semua itu tidak diterbitkan.",
    ],
    adding: "Angka bulat dibulatkan dan tidak pernah di bawah nol, untuk dibaca. Untuk menjumlahkan, pakailah perkiraan tanpa pembulatan dari bentuk CSV atau JSON: jumlahnya tepat, sedangkan angka bulat tidak. Rentang boleh mencapai di bawah nol; itu derau, bukan kesalahan. Laporan yang tiba lebih dari 30 hari setelah triwulan berakhir dihitung dalam triwulan terbuka berikutnya.",
    promise_title: "Janji perlindungan",
    promise: "Yang dilindungi: {unit}. Anggaran satu orang untuk satu tahun kalender adalah \u{201c}{budget}\u{201d}: rho {rho}. Dalam istilah umum privasi diferensial:",
    means: "Arti anggaran itu",
    one_year: "epsilon, satu tahun",
    ten_years: "epsilon, sepuluh tahun",
    after: "Orang dengan dua kartu yang tidak dihubungkan siapa pun dihitung sebagai dua orang. Janji ini berlaku untuk apa yang diterbitkan, bukan untuk apa yang diketahui penyedia layanan tentang kliennya sendiri.",
    caps_title: "Sebanyak apa satu orang dihitung, paling banyak",
    indicators: "Indikator didefinisikan dalam definisi program versi {version}.",
};

const PROOF: Proof = Proof {
    title: "Cara memeriksa laporan ini",
    text: "Laporan ini dibuat dari rilis bertanda tangan dengan hash ini, dan selalu sama, bita demi bita, kapan pun dibuat. Siapa pun yang memiliki rilis bertanda tangan (bentuk JSON) dan kunci publik program dapat membuatnya lagi dan membandingkannya:",
    attached: "Rilis bertanda tangan dilampirkan pada berkas ini sebagai {file}.",
    hash: "Hash",
    key: "Kunci publik",
    signature: "Tanda tangan bentuk JSON",
    own_key: "Ambillah kunci publik dari program itu sendiri: sebuah halaman tidak dapat menjamin kuncinya sendiri.",
    page: "halaman {page} dari {pages}",
};

const SERVICES: Services = Services {
    nsp: "jarum dan alat suntik",
    methadone: "terapi metadon",
    buprenorphine: "terapi buprenorfin",
    hts: "tes HIV",
    art: "pengobatan HIV",
    sti: "infeksi menular seksual",
    condoms: "kondom",
    iec: "informasi dan edukasi",
    hbv: "hepatitis B",
    hcv: "hepatitis C",
    tb: "tuberkulosis",
    naloxone: "nalokson",
    prep: "profilaksis prapajanan",
    mental_health: "kesehatan jiwa",
    behavioural: "layanan perilaku",
    support_group: "kelompok dukungan",
    legal: "bantuan hukum",
    social: "bantuan sosial",
    outreach: "penjangkauan sebaya",
    other: "lainnya (tidak terdaftar)",
};
