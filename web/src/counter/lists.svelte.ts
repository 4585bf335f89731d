// Which list of the day is open: it stays while somebody looks at a client and comes back.
export type ListName = 'overdue' | 'today' | 'week' | 'seen'

class Lists {
  current = $state<ListName>('overdue')
}

export const lists = new Lists()
