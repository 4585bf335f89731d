// The neutral page. It stands before everything else and is a state of its own, so that nothing that was under way when somebody hid
// can put another page in its place: only whoever drew it opens it.
class Curtain {
  drawn = $state(false)
}

export const curtain = new Curtain()
