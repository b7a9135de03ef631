zones = {
  a = { private = "10.40.0.0/20", public = "10.40.96.0/24", name = "nat", nat = true }
  b = { private = "10.40.16.0/20", public = "10.40.97.0/24", name = "nat-b" }
}
