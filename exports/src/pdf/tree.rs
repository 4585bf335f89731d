//! The parts of the document as assistive software meets them: a tree whose leaves are marks on pages.

use std::num::NonZeroU16;

use krilla::geom::Rect;
use krilla::tagging::{
    BBox, Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// A part's place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(usize);

/// What a part is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Level and text.
    Heading(u16, String),
    Paragraph,
    Code,
    List,
    Item,
    Bullet,
    ItemText,
    /// All of it in words; where it stands: page, left, top, width, height.
    Figure(String, (usize, f32, f32, f32, f32)),
    Table,
    Caption,
    Head,
    Body,
    Foot,
    Row,
    ColumnHeading,
    RowHeading,
    Cell,
}

struct Knot {
    kind: Kind,
    children: Vec<usize>,
    leaves: Vec<Identifier>,
}

/// The tree in the making.
#[derive(Default)]
pub(super) struct Tree {
    knots: Vec<Knot>,
    roots: Vec<usize>,
}

impl Tree {
    /// A part of the document itself.
    pub(super) fn root(&mut self, kind: Kind) -> Part {
        let part = self.knot(kind);
        self.roots.push(part.0);
        part
    }

    /// A part of a part.
    pub(super) fn child(&mut self, of: Part, kind: Kind) -> Part {
        let part = self.knot(kind);
        if let Some(knot) = self.knots.get_mut(of.0) {
            knot.children.push(part.0);
        }
        part
    }

    fn knot(&mut self, kind: Kind) -> Part {
        self.knots.push(Knot {
            kind,
            children: Vec::new(),
            leaves: Vec::new(),
        });
        Part(self.knots.len() - 1)
    }

    /// A mark on a page belongs to a part.
    pub(super) fn leaf(&mut self, of: Part, leaf: Identifier) {
        if let Some(knot) = self.knots.get_mut(of.0) {
            knot.leaves.push(leaf);
        }
    }

    /// The finished tree.
    pub(super) fn finish(mut self, language: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for root in std::mem::take(&mut self.roots) {
            if let Some(group) = self.group(root) {
                tree.push(group);
            }
        }
        tree
    }

    fn group(&mut self, at: usize) -> Option<TagGroup> {
        let knot = self.knots.get_mut(at)?;
        let leaves = std::mem::take(&mut knot.leaves).into_iter().map(Node::from);
        let (kind, children) = (tag(&knot.kind), std::mem::take(&mut knot.children));
        let mut nodes: Vec<Node> = leaves.collect();
        let groups = children.into_iter().filter_map(|child| self.group(child));
        nodes.extend(groups.map(Node::from));
        Some(TagGroup::with_children(kind, nodes))
    }
}

fn tag(kind: &Kind) -> TagKind {
    match kind {
        Kind::Heading(level, text) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(text.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::Code => Tag::Code.into(),
        Kind::List => Tag::L(ListNumbering::Disc).into(),
        Kind::Item => Tag::LI.into(),
        Kind::Bullet => Tag::Lbl.into(),
        Kind::ItemText => Tag::LBody.into(),
        Kind::Figure(words, (page, left, top, width, height)) => {
            let rect = Rect::from_xywh(*left, *top, *width, *height);
            Tag::Figure(Some(words.clone()))
                .with_bbox(rect.map(|rect| BBox::new(*page, rect)))
                .into()
        }
        Kind::Table => Tag::Table.into(),
        Kind::Caption => Tag::Caption.into(),
        Kind::Head => Tag::THead.into(),
        Kind::Body => Tag::TBody.into(),
        Kind::Foot => Tag::TFoot.into(),
        Kind::Row => Tag::TR.into(),
        Kind::ColumnHeading => Tag::TH(TableHeaderScope::Column).into(),
        Kind::RowHeading => Tag::TH(TableHeaderScope::Row).into(),
        Kind::Cell => Tag::TD.into(),
    }
}
