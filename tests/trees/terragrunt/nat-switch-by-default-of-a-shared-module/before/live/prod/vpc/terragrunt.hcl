terraform {
  source = "../../../modules//VPC"
}

inputs = {
  name           = "bond-prod"
  private_ranges = { a = "10.41.0.0/20" }
  public_ranges  = { a = "10.40.96.0/24" }
}
