locals {
  settings = {
    port   = "8000"
    egress = "VPC"
  }
}
