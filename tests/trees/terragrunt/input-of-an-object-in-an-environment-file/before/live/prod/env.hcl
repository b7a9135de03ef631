inputs = {
  network = {
    nat = { enabled = false }
  }
}
