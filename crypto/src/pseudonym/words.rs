//! The words of aliases: 256 short, neutral, ASCII, in alphabetical order.
//!
//! Nothing medical, religious or political, no animal, no body, no slang for a substance or its
//! use. The order is part of the format: changing it changes every alias.

/// One word per byte value.
#[rustfmt::skip]
pub(super) const WORDS: [&str; 256] = [
    "acorn", "alder", "amber", "apple", "april", "apron", "arch", "aspen", "atlas", "attic", "barn",
    "basil", "basin", "bay", "bench", "birch", "bluff", "boat", "book", "bread", "brick", "bridge",
    "brook", "broom", "bucket", "butter", "cabin", "camera", "canoe", "canvas", "canyon", "carpet",
    "castle", "cedar", "cello", "chair", "cherry", "chime", "circle", "citrus", "clay", "cliff",
    "clock", "cloud", "clover", "coast", "cobalt", "comet", "copper", "coral", "corner", "cotton",
    "cove", "crater", "creek", "cup", "dahlia", "daisy", "dawn", "delta", "denim", "desert", "desk",
    "dew", "dome", "door", "dune", "dusk", "east", "echo", "elm", "engine", "fabric", "farm",
    "fennel", "fern", "ferry", "fiddle", "field", "fig", "fir", "flax", "flint", "flute", "forest",
    "frame", "garden", "garnet", "gate", "ginger", "glade", "glen", "globe", "gold", "grape",
    "gravel", "grove", "guitar", "gulf", "hall", "harbor", "harp", "hazel", "hearth", "hedge",
    "hill", "hollow", "honey", "indigo", "inlet", "island", "ivory", "ivy", "jade", "jetty",
    "kettle", "kiosk", "kite", "ladder", "lagoon", "lake", "lamp", "larch", "lawn", "ledge",
    "lemon", "lentil", "lilac", "linen", "loft", "loom", "lunar", "lute", "magnet", "mango",
    "mantle", "maple", "marble", "marina", "market", "marsh", "meadow", "melody", "melon", "mesa",
    "meteor", "mill", "mirror", "moon", "mosaic", "moss", "nectar", "noon", "north", "novel",
    "nutmeg", "oak", "oasis", "ocean", "ochre", "olive", "onyx", "opal", "orange", "orbit",
    "orchid", "oval", "paddle", "palm", "panel", "papaya", "paper", "parade", "path", "patio",
    "pear", "pearl", "pebble", "pencil", "pepper", "piano", "picnic", "pier", "pillow", "pine",
    "planet", "plaza", "plum", "pocket", "pond", "porch", "prism", "quartz", "quilt", "rain",
    "ramp", "ravine", "reed", "reef", "ribbon", "ridge", "river", "road", "roof", "saddle", "sail",
    "sand", "satin", "school", "sesame", "shade", "shell", "shore", "silk", "silver", "sketch",
    "sky", "slate", "sofa", "solar", "sonata", "south", "spring", "spruce", "square", "stair",
    "stream", "summer", "sunny", "swing", "table", "teak", "thyme", "timber", "topaz", "tower",
    "trail", "tulip", "tunnel", "valley", "velvet", "verse", "violet", "violin", "wagon", "walnut",
    "water", "wave", "west", "wheat", "willow", "window", "winter", "yarn", "yellow", "zenith",
];
