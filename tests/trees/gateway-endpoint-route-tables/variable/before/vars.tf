variable "tables" {
  type    = list(string)
  default = ["rtb-public"]
}
