stacks = {
  ops = {
    cidr = "10.50.0.0/16"
    nat  = true
  }
  bond = {
    cidr = "10.40.0.0/16"
  }
}
