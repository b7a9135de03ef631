module "platform" {
  source = "../../platform"

  context = {
    name   = "bond"
    stage  = "dev"
    region = "us-west-2"
  }
  network = {
    cidr            = "10.40.0.0/16"
    private_newbits = 4
    zones           = ["a", "b"]
    nat             = false
  }
}
