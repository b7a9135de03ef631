module "platform" {
  source = "../../platform"

  context = {
    name   = "bond"
    stage  = "prod"
    region = "us-west-2"
  }
  network = {
    cidr            = "10.44.0.0/16"
    private_newbits = 4
    zones           = ["a", "b", "c"]
    nat             = true
  }
}
