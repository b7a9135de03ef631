terraform {
  source = "../../../modules//VPC"
}

inputs = {
  name           = "bond"
  private_ranges = { a = "10.40.0.0/20", b = "10.40.16.0/20" }
  public_ranges  = { a = "10.40.96.0/24" }
}
