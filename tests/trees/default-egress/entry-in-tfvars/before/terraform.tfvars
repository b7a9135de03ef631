services = {
  backend = {
    on     = true
    egress = "VPC"
  }
  frontend = {
    on     = true
    egress = "VPC"
  }
}
