terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "network.tfstate"
    region = "us-west-2"
  }
}
