variable "s3_endpoint" {
  type    = bool
  default = false
}
