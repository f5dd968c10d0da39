// Code generated from reasons.json by go generate; DO NOT EDIT.

package reasons

// CodeAValueOfWrongType is the code of AValueOfWrongType.
const CodeAValueOfWrongType = "a_value_of_wrong_type"

// AValueOfWrongType: a value has the wrong type
// → see /api/openapi.json
func AValueOfWrongType() Reason {
	return Reason{ReasonCode: "a_value_of_wrong_type", RemedyCode: "see_api_openapi_json"}
}

// CodeAboveMaximum is the code of AboveMaximum.
const CodeAboveMaximum = "above_maximum"

// AboveMaximum: this is more than {maximum}
// → enter a smaller number
func AboveMaximum(maximum any) Reason {
	return Reason{ReasonCode: "above_maximum", Params: Params{"maximum": value(maximum)}, RemedyCode: "enter_a_smaller_number"}
}

// CodeAbsentSentAgain is the code of AbsentSentAgain.
const CodeAbsentSentAgain = "absent_sent_again"

// AbsentSentAgain: the channel does not have it; it is sent again
func AbsentSentAgain() Reason {
	return Reason{ReasonCode: "absent_sent_again"}
}

// CodeAccessExpired is the code of AccessExpired.
const CodeAccessExpired = "access_expired"

// AccessExpired: the access has expired
func AccessExpired() Reason {
	return Reason{ReasonCode: "access_expired"}
}

// CodeAccessNotRenewable is the code of AccessNotRenewable.
const CodeAccessNotRenewable = "access_not_renewable"

// AccessNotRenewable: the access has expired, and the channel gave no way to renew it
// → connect the channel again with valid credentials
func AccessNotRenewable() Reason {
	return Reason{ReasonCode: "access_not_renewable", RemedyCode: "connect_again"}
}

// CodeAccessNotRenewedHeld is the code of AccessNotRenewedHeld.
const CodeAccessNotRenewedHeld = "access_not_renewed_held"

// AccessNotRenewedHeld: the access has expired, and is not renewed while the server holds what leaves it
// → release the hold, or connect the channel again
func AccessNotRenewedHeld() Reason {
	return Reason{ReasonCode: "access_not_renewed_held", RemedyCode: "release_the_hold_or_connect"}
}

// CodeAccountConnectAgain is the code of AccountConnectAgain.
const CodeAccountConnectAgain = "account_connect_again"

// AccountConnectAgain: the account has to be connected again
// → connect the channel again with valid credentials
func AccountConnectAgain() Reason {
	return Reason{ReasonCode: "account_connect_again", RemedyCode: "connect_again"}
}

// CodeAccountDisabled is the code of AccountDisabled.
const CodeAccountDisabled = "account_disabled"

// AccountDisabled: the account is disabled, or the token has ended
// → enable the account, or make another token
func AccountDisabled() Reason {
	return Reason{ReasonCode: "account_disabled", RemedyCode: "enable_the_account_or_make_another_token"}
}

// CodeAccountLimitUntil is the code of AccountLimitUntil.
const CodeAccountLimitUntil = "account_limit_until"

// AccountLimitUntil: the account's limit leaves no room until {from:time}
func AccountLimitUntil(from any) Reason {
	return Reason{ReasonCode: "account_limit_until", Params: Params{"from": value(from)}}
}

// CodeAddressNotPublic is the code of AddressNotPublic.
const CodeAddressNotPublic = "address_not_public"

// AddressNotPublic: the address is not on the public internet
// → use a public address, or let the operator allow this one with VITRINE_OUTBOUND_ALLOW
func AddressNotPublic() Reason {
	return Reason{ReasonCode: "address_not_public", RemedyCode: "use_a_public_address_or_let"}
}

// CodeAddressNotUnderstood is the code of AddressNotUnderstood.
const CodeAddressNotUnderstood = "address_not_understood"

// AddressNotUnderstood: {err}
// → see vitrine config --help
func AddressNotUnderstood(err any) Reason {
	return Reason{ReasonCode: "address_not_understood", Params: Params{"err": value(err)}, RemedyCode: "see_vitrine_config_help"}
}

// CodeAdminNotLimitable is the code of AdminNotLimitable.
const CodeAdminNotLimitable = "admin_not_limitable"

// AdminNotLimitable: an administrator sees the whole library
// → give a lesser role, or no collections
func AdminNotLimitable() Reason {
	return Reason{ReasonCode: "admin_not_limitable", RemedyCode: "give_a_lesser_role_or_no"}
}

// CodeAllGenerationsDamaged is the code of AllGenerationsDamaged.
const CodeAllGenerationsDamaged = "all_generations_damaged"

// AllGenerationsDamaged: every generation's catalogue is damaged
// → choose the least damaged with --generation; vitrine verify {dir} says what is wrong with each: {names}
func AllGenerationsDamaged(dir, names any) Reason {
	return Reason{ReasonCode: "all_generations_damaged", Params: Params{"dir": value(dir), "names": value(names)}, RemedyCode: "choose_the_least_damaged_with_generation"}
}

// CodeAllowedByRole is the code of AllowedByRole.
const CodeAllowedByRole = "allowed_by_role"

// AllowedByRole: the role {role:role} allows it
func AllowedByRole(role any) Reason {
	return Reason{ReasonCode: "allowed_by_role", Params: Params{"role": value(role)}}
}

// CodeAllowedInCollections is the code of AllowedInCollections.
const CodeAllowedInCollections = "allowed_in_collections"

// AllowedInCollections: the role {role:role} allows it on a collection that the asset is in
func AllowedInCollections(role any) Reason {
	return Reason{ReasonCode: "allowed_in_collections", Params: Params{"role": value(role)}}
}

// CodeAllowedOwn is the code of AllowedOwn.
const CodeAllowedOwn = "allowed_own"

// AllowedOwn: one’s own upload
func AllowedOwn() Reason {
	return Reason{ReasonCode: "allowed_own"}
}

// CodeAllowedToSystem is the code of AllowedToSystem.
const CodeAllowedToSystem = "allowed_to_system"

// AllowedToSystem: the system may do everything
func AllowedToSystem() Reason {
	return Reason{ReasonCode: "allowed_to_system"}
}

// CodeAltMissing is the code of AltMissing.
const CodeAltMissing = "alt_missing"

// AltMissing: the picture has no alt text
// → describe it for people who can't see it
func AltMissing() Reason {
	return Reason{ReasonCode: "alt_missing", RemedyCode: "describe_it_for_people_who_cant"}
}

// CodeAltOfFiles is the code of AltOfFiles.
const CodeAltOfFiles = "alt_of_files"

// AltOfFiles: with several files, each has its own alt text
// → say it in files
func AltOfFiles() Reason {
	return Reason{ReasonCode: "alt_of_files", RemedyCode: "say_it_in_files"}
}

// CodeAltTooLong is the code of AltTooLong.
const CodeAltTooLong = "alt_too_long"

// AltTooLong: alt text {count} of {max} characters
// → shorten it
func AltTooLong(count, max any) Reason {
	return Reason{ReasonCode: "alt_too_long", Params: Params{"count": value(count), "max": value(max)}, RemedyCode: "shorten_f"}
}

// CodeAlternativeTextTooLong is the code of AlternativeTextTooLong.
const CodeAlternativeTextTooLong = "alternative_text_too_long"

// AlternativeTextTooLong: alternative text {n} of {max} characters
// → shorten it on the asset
func AlternativeTextTooLong(n, max any) Reason {
	return Reason{ReasonCode: "alternative_text_too_long", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten_it_on_the_asset"}
}

// CodeAmountTooLong is the code of AmountTooLong.
const CodeAmountTooLong = "amount_too_long"

// AmountTooLong: longer than any amount
// → send {"amount": "19.90", "currency": "EUR"}
func AmountTooLong() Reason {
	return Reason{ReasonCode: "amount_too_long", RemedyCode: "send_amount"}
}

// CodeAmountTwofold is the code of AmountTwofold.
const CodeAmountTwofold = "amount_twofold"

// AmountTwofold: {amount:q} could be two numbers
// → write thousands without a sign (1234), and decimals with two digits (1.23)
func AmountTwofold(amount any) Reason {
	return Reason{ReasonCode: "amount_twofold", Params: Params{"amount": value(amount)}, RemedyCode: "write_thousands_without_a_sign"}
}

// CodeAnimationNeedsWebp is the code of AnimationNeedsWebp.
const CodeAnimationNeedsWebp = "animation_needs_webp"

// AnimationNeedsWebp: WebP is the format that keeps animations here
// → add webp, or leave animated out
func AnimationNeedsWebp() Reason {
	return Reason{ReasonCode: "animation_needs_webp", RemedyCode: "add_webp_or_leave_animated_out"}
}

// CodeAnimationOverLimit is the code of AnimationOverLimit.
const CodeAnimationOverLimit = "animation_over_limit"

// AnimationOverLimit: the animation is over the limit of max_animation_megapixels: its first frame is shown
func AnimationOverLimit() Reason {
	return Reason{ReasonCode: "animation_over_limit"}
}

// CodeAnotherPost is the code of AnotherPost.
const CodeAnotherPost = "another_post"

// AnotherPost: this asset has posts on {name} already ({n}); this makes another one
// → to change the one that is there, name it in update
func AnotherPost(name, n any) Reason {
	return Reason{ReasonCode: "another_post", Params: Params{"name": value(name), "n": value(n)}, RemedyCode: "say_which_post_in_update"}
}

// CodeAnthiasDeleted is the code of AnthiasDeleted.
const CodeAnthiasDeleted = "anthias_deleted"

// AnthiasDeleted: assets of the device deleted: {n}
func AnthiasDeleted(n any) Reason {
	return Reason{ReasonCode: "anthias_deleted", Params: Params{"n": value(n)}}
}

// CodeAnthiasOneFile is the code of AnthiasOneFile.
const CodeAnthiasOneFile = "anthias_one_file"

// AnthiasOneFile: an asset of Anthias is one file
// → choose a preset
func AnthiasOneFile() Reason {
	return Reason{ReasonCode: "anthias_one_file", RemedyCode: "choose_a_preset"}
}

// CodeAnthiasRefusesLogin is the code of AnthiasRefusesLogin.
const CodeAnthiasRefusesLogin = "anthias_refuses_login"

// AnthiasRefusesLogin: the device refuses the user name or the password
// → connect the channel again with valid credentials
func AnthiasRefusesLogin() Reason {
	return Reason{ReasonCode: "anthias_refuses_login", RemedyCode: "connect_again"}
}

// CodeAnthiasUrlForm is the code of AnthiasUrlForm.
const CodeAnthiasUrlForm = "anthias_url_form"

// AnthiasUrlForm: a device has an http or https URL without credentials
// → write it as http://192.168.1.20
func AnthiasUrlForm() Reason {
	return Reason{ReasonCode: "anthias_url_form", RemedyCode: "write_it_as_http_192"}
}

// CodeApplicationRefusedShopify is the code of ApplicationRefusedShopify.
const CodeApplicationRefusedShopify = "application_refused_shopify"

// ApplicationRefusedShopify: the shop refuses the app's id or secret, or the app is not installed in it
// → connect the channel again with valid credentials
func ApplicationRefusedShopify() Reason {
	return Reason{ReasonCode: "application_refused_shopify", RemedyCode: "connect_again"}
}

// CodeApplicationRefusedXibo is the code of ApplicationRefusedXibo.
const CodeApplicationRefusedXibo = "application_refused_xibo"

// ApplicationRefusedXibo: the CMS refuses the application's id or secret
// → connect the channel again with valid credentials
func ApplicationRefusedXibo() Reason {
	return Reason{ReasonCode: "application_refused_xibo", RemedyCode: "connect_again"}
}

// CodeApprovalNeedsConsent is the code of ApprovalNeedsConsent.
const CodeApprovalNeedsConsent = "approval_needs_consent"

// ApprovalNeedsConsent: the asset shows people, and the library approves it only with a consent
// → link a consent to it, then approve it
func ApprovalNeedsConsent() Reason {
	return Reason{ReasonCode: "approval_needs_consent", RemedyCode: "link_a_consent_to_it"}
}

// CodeApprovalNeedsLicence is the code of ApprovalNeedsLicence.
const CodeApprovalNeedsLicence = "approval_needs_licence"

// ApprovalNeedsLicence: the library approves nothing without a licence, and the asset has none
// → link a licence to it, then approve it
func ApprovalNeedsLicence() Reason {
	return Reason{ReasonCode: "approval_needs_licence", RemedyCode: "link_a_licence_to_it"}
}

// CodeAssetBinned is the code of AssetBinned.
const CodeAssetBinned = "asset_binned"

// AssetBinned: the asset is in the bin
// → bring it back from the bin first
func AssetBinned() Reason {
	return Reason{ReasonCode: "asset_binned", RemedyCode: "bring_it_back_from_the_bin"}
}

// CodeAssetChanged is the code of AssetChanged.
const CodeAssetChanged = "asset_changed"

// AssetChanged: the asset changed
func AssetChanged() Reason {
	return Reason{ReasonCode: "asset_changed"}
}

// CodeAssetChangedDecideAgain is the code of AssetChangedDecideAgain.
const CodeAssetChangedDecideAgain = "asset_changed_decide_again"

// AssetChangedDecideAgain: somebody changed the asset meanwhile
// → read it again, then decide
func AssetChangedDecideAgain() Reason {
	return Reason{ReasonCode: "asset_changed_decide_again", RemedyCode: "read_it_again_then_decide"}
}

// CodeAssetChangedMeanwhile is the code of AssetChangedMeanwhile.
const CodeAssetChangedMeanwhile = "asset_changed_meanwhile"

// AssetChangedMeanwhile: somebody changed the asset meanwhile: it is at revision {revision}, not {yours}
// → read it again and repeat the edit
func AssetChangedMeanwhile(revision, yours any) Reason {
	return Reason{ReasonCode: "asset_changed_meanwhile", Params: Params{"revision": value(revision), "yours": value(yours)}, RemedyCode: "read_it_again_and_repeat"}
}

// CodeAssetChangedRestoreAgain is the code of AssetChangedRestoreAgain.
const CodeAssetChangedRestoreAgain = "asset_changed_restore_again"

// AssetChangedRestoreAgain: somebody changed the asset meanwhile
// → read it again, then restore
func AssetChangedRestoreAgain() Reason {
	return Reason{ReasonCode: "asset_changed_restore_again", RemedyCode: "read_it_again_then_restore"}
}

// CodeAssetChangedUploadAgain is the code of AssetChangedUploadAgain.
const CodeAssetChangedUploadAgain = "asset_changed_upload_again"

// AssetChangedUploadAgain: somebody changed the asset meanwhile
// → read it again, then upload the version
func AssetChangedUploadAgain() Reason {
	return Reason{ReasonCode: "asset_changed_upload_again", RemedyCode: "read_it_again_then_upload"}
}

// CodeAssetErased is the code of AssetErased.
const CodeAssetErased = "asset_erased"

// AssetErased: the asset has been deleted for good
// → choose another asset
func AssetErased() Reason {
	return Reason{ReasonCode: "asset_erased", RemedyCode: "choose_another_asset"}
}

// CodeAssetInBin is the code of AssetInBin.
const CodeAssetInBin = "asset_in_bin"

// AssetInBin: the asset is in the bin
// → take it back first
func AssetInBin() Reason {
	return Reason{ReasonCode: "asset_in_bin", RemedyCode: "take_it_back_first"}
}

// CodeAssetIsWatermark is the code of AssetIsWatermark.
const CodeAssetIsWatermark = "asset_is_watermark"

// AssetIsWatermark: the asset is the watermark of the preset “{name}”
// → give the preset another watermark first
func AssetIsWatermark(name any) Reason {
	return Reason{ReasonCode: "asset_is_watermark", Params: Params{"name": value(name)}, RemedyCode: "give_the_preset_another_watermark_first"}
}

// CodeAssetNotAPicture is the code of AssetNotAPicture.
const CodeAssetNotAPicture = "asset_not_a_picture"

// AssetNotAPicture: the asset is not a picture
// → a PNG with transparency is best
func AssetNotAPicture() Reason {
	return Reason{ReasonCode: "asset_not_a_picture", RemedyCode: "a_png_with_transparency_is_best"}
}

// CodeAssetNotInBin is the code of AssetNotInBin.
const CodeAssetNotInBin = "asset_not_in_bin"

// AssetNotInBin: the asset is not in the bin
// → move it to the bin first
func AssetNotInBin() Reason {
	return Reason{ReasonCode: "asset_not_in_bin", RemedyCode: "move_it_to_the_bin_first"}
}

// CodeAssetOrFiles is the code of AssetOrFiles.
const CodeAssetOrFiles = "asset_or_files"

// AssetOrFiles: asset is the first of files, or left out
// → name each file once, in files
func AssetOrFiles() Reason {
	return Reason{ReasonCode: "asset_or_files", RemedyCode: "name_the_files_once"}
}

// CodeAssetRecalled is the code of AssetRecalled.
const CodeAssetRecalled = "asset_recalled"

// AssetRecalled: the asset has been recalled from everywhere
// → reinstate it, or approve it again, to publish it again
func AssetRecalled() Reason {
	return Reason{ReasonCode: "asset_recalled", RemedyCode: "reinstate_it_or_approve_it_again"}
}

// CodeAssetShowsNoProduct is the code of AssetShowsNoProduct.
const CodeAssetShowsNoProduct = "asset_shows_no_product"

// AssetShowsNoProduct: the asset shows no product
// → put it into a slot of a product, or give it an SKU
func AssetShowsNoProduct() Reason {
	return Reason{ReasonCode: "asset_shows_no_product", RemedyCode: "put_it_into_a_slot"}
}

// CodeAssetSucceedsItself is the code of AssetSucceedsItself.
const CodeAssetSucceedsItself = "asset_succeeds_itself"

// AssetSucceedsItself: an asset can't succeed itself
// → name another asset
func AssetSucceedsItself() Reason {
	return Reason{ReasonCode: "asset_succeeds_itself", RemedyCode: "name_another_asset"}
}

// CodeAssetTwiceInOrder is the code of AssetTwiceInOrder.
const CodeAssetTwiceInOrder = "asset_twice_in_order"

// AssetTwiceInOrder: an asset can stand at one place only
// → name each asset once
func AssetTwiceInOrder() Reason {
	return Reason{ReasonCode: "asset_twice_in_order", RemedyCode: "name_each_asset_once"}
}

// CodeAssetWithoutVersion is the code of AssetWithoutVersion.
const CodeAssetWithoutVersion = "asset_without_version"

// AssetWithoutVersion: the asset has no version {version}
// → leave it out to mean the newest
func AssetWithoutVersion(version any) Reason {
	return Reason{ReasonCode: "asset_without_version", Params: Params{"version": value(version)}, RemedyCode: "leave_it_out_to_mean"}
}

// CodeAssetWithoutVersionId is the code of AssetWithoutVersionId.
const CodeAssetWithoutVersionId = "asset_without_version_id"

// AssetWithoutVersionId: the asset has no version {id}
// → leave it out to mean the newest
func AssetWithoutVersionId(id any) Reason {
	return Reason{ReasonCode: "asset_without_version_id", Params: Params{"id": value(id)}, RemedyCode: "leave_it_out_to_mean"}
}

// CodeAssetsNotFound is the code of AssetsNotFound.
const CodeAssetsNotFound = "assets_not_found"

// AssetsNotFound: the assets could not be found
func AssetsNotFound() Reason {
	return Reason{ReasonCode: "assets_not_found"}
}

// CodeAttributeNameLength is the code of AttributeNameLength.
const CodeAttributeNameLength = "attribute_name_length"

// AttributeNameLength: an attribute's name has 1–100 characters
// → rename it
func AttributeNameLength() Reason {
	return Reason{ReasonCode: "attribute_name_length", RemedyCode: "rename"}
}

// CodeAuthorMayNotPublish is the code of AuthorMayNotPublish.
const CodeAuthorMayNotPublish = "author_may_not_publish"

// AuthorMayNotPublish: who made it is disabled, or may not publish the asset any more
// → let somebody who may publish make another one
func AuthorMayNotPublish() Reason {
	return Reason{ReasonCode: "author_may_not_publish", RemedyCode: "let_somebody_who_may_make_another"}
}

// CodeAuthorizationUnknown is the code of AuthorizationUnknown.
const CodeAuthorizationUnknown = "authorization_unknown"

// AuthorizationUnknown: this kind of authorisation is not understood
// → send Authorization: Bearer and an API token
func AuthorizationUnknown() Reason {
	return Reason{ReasonCode: "authorization_unknown", RemedyCode: "send_authorization"}
}

// CodeBackWouldPostAnew is the code of BackWouldPostAnew.
const CodeBackWouldPostAnew = "back_would_post_anew"

// BackWouldPostAnew: the asset is public again after its recall, and this channel would make a new post: nothing has been sent
// → send it, or abandon it
func BackWouldPostAnew() Reason {
	return Reason{ReasonCode: "back_would_post_anew", RemedyCode: "send_it_or_abandon"}
}

// CodeBackgroundForm is the code of BackgroundForm.
const CodeBackgroundForm = "background_form"

// BackgroundForm: a background is #rrggbb
// → white is #ffffff
func BackgroundForm() Reason {
	return Reason{ReasonCode: "background_form", RemedyCode: "white_is_ffffff"}
}

// CodeBackupByPostgresql is the code of BackupByPostgresql.
const CodeBackupByPostgresql = "backup_by_postgresql"

// BackupByPostgresql: a PostgreSQL catalogue is backed up by PostgreSQL
// → use pg_dump --format=custom
func BackupByPostgresql() Reason {
	return Reason{ReasonCode: "backup_by_postgresql", RemedyCode: "use_pg_dump_format_custom"}
}

// CodeBackupEncryptionGone is the code of BackupEncryptionGone.
const CodeBackupEncryptionGone = "backup_encryption_gone"

// BackupEncryptionGone: this backup is not encrypted, and a key is given
// → if it never was, leave VITRINE_BACKUP_KEY and backup_key out; if it was, somebody has replaced it: don't use it
func BackupEncryptionGone() Reason {
	return Reason{ReasonCode: "backup_encryption_gone", RemedyCode: "if_it_never_was_leave_vitrine"}
}

// CodeBackupFolderNotEmpty is the code of BackupFolderNotEmpty.
const CodeBackupFolderNotEmpty = "backup_folder_not_empty"

// BackupFolderNotEmpty: the folder holds something else: {name}
// → give the backup a folder of its own
func BackupFolderNotEmpty(name any) Reason {
	return Reason{ReasonCode: "backup_folder_not_empty", Params: Params{"name": value(name)}, RemedyCode: "give_the_backup_a_folder"}
}

// CodeBackupFormatUnknown is the code of BackupFormatUnknown.
const CodeBackupFormatUnknown = "backup_format_unknown"

// BackupFormatUnknown: this backup has format {format}, which this version does not know
// → use the version of Vitrine that wrote it, or a newer one
func BackupFormatUnknown(format any) Reason {
	return Reason{ReasonCode: "backup_format_unknown", Params: Params{"format": value(format)}, RemedyCode: "use_writing_version"}
}

// CodeBackupInUse is the code of BackupInUse.
const CodeBackupInUse = "backup_in_use"

// BackupInUse: another command is working on the backup {dir}
// → wait until it has ended
func BackupInUse(dir any) Reason {
	return Reason{ReasonCode: "backup_in_use", Params: Params{"dir": value(dir)}, RemedyCode: "wait_until_it_has_ended"}
}

// CodeBackupKeyNeeded is the code of BackupKeyNeeded.
const CodeBackupKeyNeeded = "backup_key_needed"

// BackupKeyNeeded: this backup is encrypted
// → give its key in VITRINE_BACKUP_KEY or the configuration file; without the key nobody can read it
func BackupKeyNeeded() Reason {
	return Reason{ReasonCode: "backup_key_needed", RemedyCode: "give_its_key_in_vitrine_backup"}
}

// CodeBackupKeyOther is the code of BackupKeyOther.
const CodeBackupKeyOther = "backup_key_other"

// BackupKeyOther: this backup is encrypted with another key: its public half is {recipient}
// → give that key in VITRINE_BACKUP_KEY
func BackupKeyOther(recipient any) Reason {
	return Reason{ReasonCode: "backup_key_other", Params: Params{"recipient": value(recipient)}, RemedyCode: "give_that_key_in_vitrine_backup"}
}

// CodeBackupLink is the code of BackupLink.
const CodeBackupLink = "backup_link"

// BackupLink: this is a link or a file, and a backup has a folder there
// → find out who put it there before you use this backup; it is not followed
func BackupLink() Reason {
	return Reason{ReasonCode: "backup_link", RemedyCode: "find_out_who_put_it_there"}
}

// CodeBackupNotEncrypted is the code of BackupNotEncrypted.
const CodeBackupNotEncrypted = "backup_not_encrypted"

// BackupNotEncrypted: this backup is not encrypted, and a key is given
// → begin an encrypted one in a new folder, or leave VITRINE_BACKUP_KEY out
func BackupNotEncrypted() Reason {
	return Reason{ReasonCode: "backup_not_encrypted", RemedyCode: "begin_encrypted_backup"}
}

// CodeBackupStoreReadOnly is the code of BackupStoreReadOnly.
const CodeBackupStoreReadOnly = "backup_store_read_only"

// BackupStoreReadOnly: a backup is not written to this way
// → use vitrine backup
func BackupStoreReadOnly() Reason {
	return Reason{ReasonCode: "backup_store_read_only", RemedyCode: "use_vitrine_backup"}
}

// CodeBackupWithoutGeneration is the code of BackupWithoutGeneration.
const CodeBackupWithoutGeneration = "backup_without_generation"

// BackupWithoutGeneration: the backup has no generation yet
// → run vitrine backup until it ends
func BackupWithoutGeneration() Reason {
	return Reason{ReasonCode: "backup_without_generation", RemedyCode: "run_vitrine_backup_until_it_ends"}
}

// CodeBeingMade is the code of BeingMade.
const CodeBeingMade = "being_made"

// BeingMade: this is being made
// → ask again in a few seconds
func BeingMade() Reason {
	return Reason{ReasonCode: "being_made", RemedyCode: "ask_again_in_a_few_seconds"}
}

// CodeBelowMinimum is the code of BelowMinimum.
const CodeBelowMinimum = "below_minimum"

// BelowMinimum: this is less than {minimum}
// → enter a larger number
func BelowMinimum(minimum any) Reason {
	return Reason{ReasonCode: "below_minimum", Params: Params{"minimum": value(minimum)}, RemedyCode: "enter_a_larger_number"}
}

// CodeBlueskyRefuses is the code of BlueskyRefuses.
const CodeBlueskyRefuses = "bluesky_refuses"

// BlueskyRefuses: Bluesky refuses this: {cause}
// → change it, then retry
func BlueskyRefuses(cause any) Reason {
	return Reason{ReasonCode: "bluesky_refuses", Params: Params{"cause": value(cause)}, RemedyCode: "change_then_retry"}
}

// CodeBlueskyRefusesAccount is the code of BlueskyRefusesAccount.
const CodeBlueskyRefusesAccount = "bluesky_refuses_account"

// BlueskyRefusesAccount: Bluesky refuses the account: {cause}
// → connect the channel again with valid credentials
func BlueskyRefusesAccount(cause any) Reason {
	return Reason{ReasonCode: "bluesky_refuses_account", Params: Params{"cause": value(cause)}, RemedyCode: "connect_again"}
}

// CodeBlueskyUrlForm is the code of BlueskyUrlForm.
const CodeBlueskyUrlForm = "bluesky_url_form"

// BlueskyUrlForm: the service is an http or https URL
// → for example https://bsky.social
func BlueskyUrlForm() Reason {
	return Reason{ReasonCode: "bluesky_url_form", RemedyCode: "for_example_https_bsky"}
}

// CodeBoardGone is the code of BoardGone.
const CodeBoardGone = "board_gone"

// BoardGone: the board is gone
func BoardGone() Reason {
	return Reason{ReasonCode: "board_gone"}
}

// CodeBoardProtected is the code of BoardProtected.
const CodeBoardProtected = "board_protected"

// BoardProtected: protected
func BoardProtected() Reason {
	return Reason{ReasonCode: "board_protected"}
}

// CodeBoardPublic is the code of BoardPublic.
const CodeBoardPublic = "board_public"

// BoardPublic: public
func BoardPublic() Reason {
	return Reason{ReasonCode: "board_public"}
}

// CodeBoardSecret is the code of BoardSecret.
const CodeBoardSecret = "board_secret"

// BoardSecret: secret
func BoardSecret() Reason {
	return Reason{ReasonCode: "board_secret"}
}

// CodeBodyInvalidJson is the code of BodyInvalidJson.
const CodeBodyInvalidJson = "body_invalid_json"

// BodyInvalidJson: the body is not valid JSON
// → check quotes, commas and brackets
func BodyInvalidJson() Reason {
	return Reason{ReasonCode: "body_invalid_json", RemedyCode: "check_quotes_commas_and_brackets"}
}

// CodeBodyNotJson is the code of BodyNotJson.
const CodeBodyNotJson = "body_not_json"

// BodyNotJson: this is not valid JSON: {err}
// → check quotes, commas and brackets
func BodyNotJson(err any) Reason {
	return Reason{ReasonCode: "body_not_json", Params: Params{"err": value(err)}, RemedyCode: "check_quotes_commas_and_brackets"}
}

// CodeBodyNotUtf8 is the code of BodyNotUtf8.
const CodeBodyNotUtf8 = "body_not_utf8"

// BodyNotUtf8: this is not UTF-8 text
// → send JSON as UTF-8
func BodyNotUtf8() Reason {
	return Reason{ReasonCode: "body_not_utf8", RemedyCode: "send_json_as_utf_8"}
}

// CodeBodyTooLarge is the code of BodyTooLarge.
const CodeBodyTooLarge = "body_too_large"

// BodyTooLarge: the body is too large
// → send less at a time
func BodyTooLarge() Reason {
	return Reason{ReasonCode: "body_too_large", RemedyCode: "send_less_at_a_time"}
}

// CodeBucketInRegion is the code of BucketInRegion.
const CodeBucketInRegion = "bucket_in_region"

// BucketInRegion: the bucket is in the region {region}
// → enter the region {region}
func BucketInRegion(region any) Reason {
	return Reason{ReasonCode: "bucket_in_region", Params: Params{"region": value(region)}, RemedyCode: "enter_this_region"}
}

// CodeBucketIncomplete is the code of BucketIncomplete.
const CodeBucketIncomplete = "bucket_incomplete"

// BucketIncomplete: a bucket needs its endpoint and its name
// → fill in both, or give a folder
func BucketIncomplete() Reason {
	return Reason{ReasonCode: "bucket_incomplete", RemedyCode: "fill_in_both_or_give"}
}

// CodeBucketKeyMayNot is the code of BucketKeyMayNot.
const CodeBucketKeyMayNot = "bucket_key_may_not"

// BucketKeyMayNot: the bucket refuses what the access key asks for
// → let the key put, get, list and delete below the prefix, then test again
func BucketKeyMayNot() Reason {
	return Reason{ReasonCode: "bucket_key_may_not", RemedyCode: "let_the_key_write_there"}
}

// CodeBucketKeyUnknown is the code of BucketKeyUnknown.
const CodeBucketKeyUnknown = "bucket_key_unknown"

// BucketKeyUnknown: the server does not know this access key
// → check the access key and the secret key
func BucketKeyUnknown() Reason {
	return Reason{ReasonCode: "bucket_key_unknown", RemedyCode: "check_both_keys"}
}

// CodeBucketMissing is the code of BucketMissing.
const CodeBucketMissing = "bucket_missing"

// BucketMissing: the bucket does not exist
// → check the name, or make the bucket at the provider
func BucketMissing() Reason {
	return Reason{ReasonCode: "bucket_missing", RemedyCode: "check_the_buckets_name"}
}

// CodeBucketRefusesKey is the code of BucketRefusesKey.
const CodeBucketRefusesKey = "bucket_refuses_key"

// BucketRefusesKey: the bucket refuses the access key
// → connect the channel again with valid credentials
func BucketRefusesKey() Reason {
	return Reason{ReasonCode: "bucket_refuses_key", RemedyCode: "connect_again"}
}

// CodeBucketRefusesObject is the code of BucketRefusesObject.
const CodeBucketRefusesObject = "bucket_refuses_object"

// BucketRefusesObject: the bucket refuses the name or the size
// → check the bucket's name and limits
func BucketRefusesObject() Reason {
	return Reason{ReasonCode: "bucket_refuses_object", RemedyCode: "check_the_buckets_name_and_limits"}
}

// CodeBucketRegionWrong is the code of BucketRegionWrong.
const CodeBucketRegionWrong = "bucket_region_wrong"

// BucketRegionWrong: the bucket is in another region
// → enter the region of the bucket
func BucketRegionWrong() Reason {
	return Reason{ReasonCode: "bucket_region_wrong", RemedyCode: "enter_the_region"}
}

// CodeBucketSecretWrong is the code of BucketSecretWrong.
const CodeBucketSecretWrong = "bucket_secret_wrong"

// BucketSecretWrong: the secret key does not belong to this access key
// → check the access key and the secret key
func BucketSecretWrong() Reason {
	return Reason{ReasonCode: "bucket_secret_wrong", RemedyCode: "check_both_keys"}
}

// CodeBuiltWithoutLibvips is the code of BuiltWithoutLibvips.
const CodeBuiltWithoutLibvips = "built_without_libvips"

// BuiltWithoutLibvips: this program was built without libvips
// → install libvips-dev and run make build, or use the engine imaging
func BuiltWithoutLibvips() Reason {
	return Reason{ReasonCode: "built_without_libvips", RemedyCode: "install_libvips_dev_and_run_make"}
}

// CodeBulkChangesNothing is the code of BulkChangesNothing.
const CodeBulkChangesNothing = "bulk_changes_nothing"

// BulkChangesNothing: nothing is to be changed
// → name fields to set, tags, a collection or an action
func BulkChangesNothing() Reason {
	return Reason{ReasonCode: "bulk_changes_nothing", RemedyCode: "name_fields_to_set_tags"}
}

// CodeByteCeilingTooLow is the code of ByteCeilingTooLow.
const CodeByteCeilingTooLow = "byte_ceiling_too_low"

// ByteCeilingTooLow: a ceiling below 1,000 bytes can't be kept
// → for example 1000000
func ByteCeilingTooLow() Reason {
	return Reason{ReasonCode: "byte_ceiling_too_low", RemedyCode: "for_example_1000000"}
}

// CodeBytesNotKept is the code of BytesNotKept.
const CodeBytesNotKept = "bytes_not_kept"

// BytesNotKept: it was refused for its size, and its bytes were not kept
// → upload it again
func BytesNotKept() Reason {
	return Reason{ReasonCode: "bytes_not_kept", RemedyCode: "upload_it_again"}
}

// CodeCallNotWritable is the code of CallNotWritable.
const CodeCallNotWritable = "call_not_writable"

// CallNotWritable: what is to be sent can't be written
// → report this
func CallNotWritable() Reason {
	return Reason{ReasonCode: "call_not_writable", RemedyCode: "report_this"}
}

// CodeCampaignChangedMeanwhile is the code of CampaignChangedMeanwhile.
const CodeCampaignChangedMeanwhile = "campaign_changed_meanwhile"

// CampaignChangedMeanwhile: somebody changed the campaign meanwhile
// → reload it, then edit again
func CampaignChangedMeanwhile() Reason {
	return Reason{ReasonCode: "campaign_changed_meanwhile", RemedyCode: "reload_it_then_edit_again_f"}
}

// CodeCampaignHasPlanned is the code of CampaignHasPlanned.
const CodeCampaignHasPlanned = "campaign_has_planned"

// CampaignHasPlanned: {n} publications of this campaign are planned
// → cancel them or take them out of the campaign first
func CampaignHasPlanned(n any) Reason {
	return Reason{ReasonCode: "campaign_has_planned", Params: Params{"n": value(n)}, RemedyCode: "cancel_them_or_take_them_out"}
}

// CodeCampaignHeld is the code of CampaignHeld.
const CodeCampaignHeld = "campaign_held"

// CampaignHeld: its campaign is held
func CampaignHeld() Reason {
	return Reason{ReasonCode: "campaign_held"}
}

// CodeCampaignNameLength is the code of CampaignNameLength.
const CodeCampaignNameLength = "campaign_name_length"

// CampaignNameLength: a campaign has a name of 1–200 characters
// → give it one
func CampaignNameLength() Reason {
	return Reason{ReasonCode: "campaign_name_length", RemedyCode: "give_it"}
}

// CodeCampaignNameTaken is the code of CampaignNameTaken.
const CodeCampaignNameTaken = "campaign_name_taken"

// CampaignNameTaken: there is a campaign of that name
// → choose another name
func CampaignNameTaken() Reason {
	return Reason{ReasonCode: "campaign_name_taken", RemedyCode: "choose_another_name"}
}

// CodeCannotCountBy is the code of CannotCountBy.
const CodeCannotCountBy = "cannot_count_by"

// CannotCountBy: cannot count by “{field}”
// → use {known}
func CannotCountBy(field, known any) Reason {
	return Reason{ReasonCode: "cannot_count_by", Params: Params{"field": value(field), "known": value(known)}, RemedyCode: "use_known"}
}

// CodeCannotSortBy is the code of CannotSortBy.
const CodeCannotSortBy = "cannot_sort_by"

// CannotSortBy: cannot sort by “{name}”
// → use {known}, with - in front for the reverse
func CannotSortBy(name, known any) Reason {
	return Reason{ReasonCode: "cannot_sort_by", Params: Params{"name": value(name), "known": value(known)}, RemedyCode: "use_known_with_in_front"}
}

// CodeCaptionNotText is the code of CaptionNotText.
const CodeCaptionNotText = "caption_not_text"

// CaptionNotText: the caption is not valid text
// → type it again
func CaptionNotText() Reason {
	return Reason{ReasonCode: "caption_not_text", RemedyCode: "type_it_again"}
}

// CodeCaptionTooLong is the code of CaptionTooLong.
const CodeCaptionTooLong = "caption_too_long"

// CaptionTooLong: caption {n} of {max} characters
// → shorten it
func CaptionTooLong(n, max any) Reason {
	return Reason{ReasonCode: "caption_too_long", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten"}
}

// CodeCaptionTooLongIn is the code of CaptionTooLongIn.
const CodeCaptionTooLongIn = "caption_too_long_in"

// CaptionTooLongIn: caption {n} of {max} {unit:length_unit}
// → shorten it
func CaptionTooLongIn(n, max, unit any) Reason {
	return Reason{ReasonCode: "caption_too_long_in", Params: Params{"n": value(n), "max": value(max), "unit": value(unit)}, RemedyCode: "shorten"}
}

// CodeCaptionTooLongWeighted is the code of CaptionTooLongWeighted.
const CodeCaptionTooLongWeighted = "caption_too_long_weighted"

// CaptionTooLongWeighted: caption {n} of {max} weighted characters
// → shorten it
func CaptionTooLongWeighted(n, max any) Reason {
	return Reason{ReasonCode: "caption_too_long_weighted", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten"}
}

// CodeCaptionTooManyBytes is the code of CaptionTooManyBytes.
const CodeCaptionTooManyBytes = "caption_too_many_bytes"

// CaptionTooManyBytes: caption {n} of {max} bytes
// → shorten it
func CaptionTooManyBytes(n, max any) Reason {
	return Reason{ReasonCode: "caption_too_many_bytes", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten"}
}

// CodeCaptionTooManyGraphemes is the code of CaptionTooManyGraphemes.
const CodeCaptionTooManyGraphemes = "caption_too_many_graphemes"

// CaptionTooManyGraphemes: caption {n} of {max} graphemes
// → shorten it
func CaptionTooManyGraphemes(n, max any) Reason {
	return Reason{ReasonCode: "caption_too_many_graphemes", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten"}
}

// CodeCardOfOnePicture is the code of CardOfOnePicture.
const CodeCardOfOnePicture = "card_of_one_picture"

// CardOfOnePicture: a card has one picture
// → choose fewer files, or publish them one by one
func CardOfOnePicture() Reason {
	return Reason{ReasonCode: "card_of_one_picture", RemedyCode: "choose_fewer_files"}
}

// CodeCardWithoutLink is the code of CardWithoutLink.
const CodeCardWithoutLink = "card_without_link"

// CardWithoutLink: the text has no link that a card could show
// → add a link, or leave the card out
func CardWithoutLink() Reason {
	return Reason{ReasonCode: "card_without_link", RemedyCode: "add_a_link_or_no_card"}
}

// CodeCatalogEpochChanged is the code of CatalogEpochChanged.
const CodeCatalogEpochChanged = "catalog_epoch_changed"

// CatalogEpochChanged: the catalogue's log has begun another epoch
func CatalogEpochChanged() Reason {
	return Reason{ReasonCode: "catalog_epoch_changed"}
}

// CodeCatalogExistsAlready is the code of CatalogExistsAlready.
const CodeCatalogExistsAlready = "catalog_exists_already"

// CatalogExistsAlready: there is a catalogue at {path} already
// → restore into an empty --data folder, or move that file away
func CatalogExistsAlready(path any) Reason {
	return Reason{ReasonCode: "catalog_exists_already", Params: Params{"path": value(path)}, RemedyCode: "restore_into_an_empty_data_folder"}
}

// CodeCatalogHoldsPrograms is the code of CatalogHoldsPrograms.
const CodeCatalogHoldsPrograms = "catalog_holds_programs"

// CatalogHoldsPrograms: the catalogue holds programs, which Vitrine's has none of: {foreign}
// → use another generation, and find out who changed this one; a trigger or view of your own has to be dropped before the backup
func CatalogHoldsPrograms(foreign any) Reason {
	return Reason{ReasonCode: "catalog_holds_programs", Params: Params{"foreign": value(foreign)}, RemedyCode: "use_another_generation_and_find_out"}
}

// CodeCategoryTooLong is the code of CategoryTooLong.
const CodeCategoryTooLong = "category_too_long"

// CategoryTooLong: this is longer than {max} characters
// → shorten it
func CategoryTooLong(max any) Reason {
	return Reason{ReasonCode: "category_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten_f"}
}

// CodeChangeNeedsPermission is the code of ChangeNeedsPermission.
const CodeChangeNeedsPermission = "change_needs_permission"

// ChangeNeedsPermission: this change needs the permission to {permission:permission}
// → ask an administrator, or somebody who has the role
func ChangeNeedsPermission(permission any) Reason {
	return Reason{ReasonCode: "change_needs_permission", Params: Params{"permission": value(permission)}, RemedyCode: "ask_an_administrator_or_somebody_who"}
}

// CodeChangedWhilePrepared is the code of ChangedWhilePrepared.
const CodeChangedWhilePrepared = "changed_while_prepared"

// ChangedWhilePrepared: it changed while it was being prepared
func ChangedWhilePrepared() Reason {
	return Reason{ReasonCode: "changed_while_prepared"}
}

// CodeChangedWhileSent is the code of ChangedWhileSent.
const CodeChangedWhileSent = "changed_while_sent"

// ChangedWhileSent: it changed while it was being sent
func ChangedWhileSent() Reason {
	return Reason{ReasonCode: "changed_while_sent"}
}

// CodeChangedWhileUnknown is the code of ChangedWhileUnknown.
const CodeChangedWhileUnknown = "changed_while_unknown"

// ChangedWhileUnknown: it changed while nobody knew whether it had been delivered
// → look at the channel, then retry
func ChangedWhileUnknown() Reason {
	return Reason{ReasonCode: "changed_while_unknown", RemedyCode: "look_at_the_channel_then_retry"}
}

// CodeChannelAnswerLost is the code of ChannelAnswerLost.
const CodeChannelAnswerLost = "channel_answer_lost"

// ChannelAnswerLost: the channel's answer was lost; it is being looked up
func ChannelAnswerLost() Reason {
	return Reason{ReasonCode: "channel_answer_lost"}
}

// CodeChannelAskedToWait is the code of ChannelAskedToWait.
const CodeChannelAskedToWait = "channel_asked_to_wait"

// ChannelAskedToWait: the channel asked to wait
func ChannelAskedToWait() Reason {
	return Reason{ReasonCode: "channel_asked_to_wait"}
}

// CodeChannelBusyThen is the code of ChannelBusyThen.
const CodeChannelBusyThen = "channel_busy_then"

// ChannelBusyThen: {count} other publications are planned on the channel within five minutes
// → choose another time, or a slot
func ChannelBusyThen(count any) Reason {
	return Reason{ReasonCode: "channel_busy_then", Params: Params{"count": value(count)}, RemedyCode: "choose_another_time_or_a_slot"}
}

// CodeChannelCannotSay is the code of ChannelCannotSay.
const CodeChannelCannotSay = "channel_cannot_say"

// ChannelCannotSay: the channel can't say. {note:sentence}
func ChannelCannotSay(note any) Reason {
	return Reason{ReasonCode: "channel_cannot_say", Params: Params{"note": value(note)}}
}

// CodeChannelCannotTakeBack is the code of ChannelCannotTakeBack.
const CodeChannelCannotTakeBack = "channel_cannot_take_back"

// ChannelCannotTakeBack: this channel can't take anything back by program
func ChannelCannotTakeBack() Reason {
	return Reason{ReasonCode: "channel_cannot_take_back"}
}

// CodeChannelCannotUpdate is the code of ChannelCannotUpdate.
const CodeChannelCannotUpdate = "channel_cannot_update"

// ChannelCannotUpdate: {name} can't change what is published there
// → leave update out to make a post of its own
func ChannelCannotUpdate(name any) Reason {
	return Reason{ReasonCode: "channel_cannot_update", Params: Params{"name": value(name)}, RemedyCode: "leave_update_out"}
}

// CodeChannelChangedMeanwhile is the code of ChannelChangedMeanwhile.
const CodeChannelChangedMeanwhile = "channel_changed_meanwhile"

// ChannelChangedMeanwhile: somebody changed the channel meanwhile
// → reload it, then edit again
func ChannelChangedMeanwhile() Reason {
	return Reason{ReasonCode: "channel_changed_meanwhile", RemedyCode: "reload_it_then_edit_again"}
}

// CodeChannelCredentialsSealed is the code of ChannelCredentialsSealed.
const CodeChannelCredentialsSealed = "channel_credentials_sealed"

// ChannelCredentialsSealed: the stored credentials of channel {name} can't be opened
// → restore the secret key they were sealed with, or enter them again
func ChannelCredentialsSealed(name any) Reason {
	return Reason{ReasonCode: "channel_credentials_sealed", Params: Params{"name": value(name)}, RemedyCode: "restore_the_secret_key_they_were"}
}

// CodeChannelHasOpenPublications is the code of ChannelHasOpenPublications.
const CodeChannelHasOpenPublications = "channel_has_open_publications"

// ChannelHasOpenPublications: {open} publications of this channel are planned or still out there
// → recall or cancel them first
func ChannelHasOpenPublications(open any) Reason {
	return Reason{ReasonCode: "channel_has_open_publications", Params: Params{"open": value(open)}, RemedyCode: "recall_or_cancel_them_first"}
}

// CodeChannelHasToRest is the code of ChannelHasToRest.
const CodeChannelHasToRest = "channel_has_to_rest"

// ChannelHasToRest: the channel has to rest
func ChannelHasToRest() Reason {
	return Reason{ReasonCode: "channel_has_to_rest"}
}

// CodeChannelKeepsPosts is the code of ChannelKeepsPosts.
const CodeChannelKeepsPosts = "channel_keeps_posts"

// ChannelKeepsPosts: nothing can be taken back from {channel}
// → leave the end out
func ChannelKeepsPosts(channel any) Reason {
	return Reason{ReasonCode: "channel_keeps_posts", Params: Params{"channel": value(channel)}, RemedyCode: "leave_the_end_out"}
}

// CodeChannelKindNotOauth is the code of ChannelKindNotOauth.
const CodeChannelKindNotOauth = "channel_kind_not_oauth"

// ChannelKindNotOauth: channels of kind {kind} are not connected in the browser
// → enter the credentials in the channel's settings
func ChannelKindNotOauth(kind any) Reason {
	return Reason{ReasonCode: "channel_kind_not_oauth", Params: Params{"kind": value(kind)}, RemedyCode: "enter_the_credentials_in_the_channels"}
}

// CodeChannelKindNotRun is the code of ChannelKindNotRun.
const CodeChannelKindNotRun = "channel_kind_not_run"

// ChannelKindNotRun: this server does not know channels of kind {kind}
// → connect the channel again with valid credentials
func ChannelKindNotRun(kind any) Reason {
	return Reason{ReasonCode: "channel_kind_not_run", Params: Params{"kind": value(kind)}, RemedyCode: "connect_again"}
}

// CodeChannelKindNotServed is the code of ChannelKindNotServed.
const CodeChannelKindNotServed = "channel_kind_not_served"

// ChannelKindNotServed: this server does not know channels of kind {kind}
// → run a server that does
func ChannelKindNotServed(kind any) Reason {
	return Reason{ReasonCode: "channel_kind_not_served", Params: Params{"kind": value(kind)}, RemedyCode: "run_a_server_that_does"}
}

// CodeChannelKindUnknownHere is the code of ChannelKindUnknownHere.
const CodeChannelKindUnknownHere = "channel_kind_unknown_here"

// ChannelKindUnknownHere: this server does not know channels of kind {kind}
func ChannelKindUnknownHere(kind any) Reason {
	return Reason{ReasonCode: "channel_kind_unknown_here", Params: Params{"kind": value(kind)}}
}

// CodeChannelNameLength is the code of ChannelNameLength.
const CodeChannelNameLength = "channel_name_length"

// ChannelNameLength: a channel has a name of 1–200 characters
// → give it one
func ChannelNameLength() Reason {
	return Reason{ReasonCode: "channel_name_length", RemedyCode: "give_it"}
}

// CodeChannelNameTaken is the code of ChannelNameTaken.
const CodeChannelNameTaken = "channel_name_taken"

// ChannelNameTaken: there is a channel “{name}” already
// → choose another name
func ChannelNameTaken(name any) Reason {
	return Reason{ReasonCode: "channel_name_taken", Params: Params{"name": value(name)}, RemedyCode: "choose_another_name"}
}

// CodeChannelNotConnected is the code of ChannelNotConnected.
const CodeChannelNotConnected = "channel_not_connected"

// ChannelNotConnected: {title:channel_kind} was not connected: {failure}
// → start again, and agree at {title}
func ChannelNotConnected(title, failure any) Reason {
	return Reason{ReasonCode: "channel_not_connected", Params: Params{"title": value(title), "failure": value(failure)}, RemedyCode: "start_again_and_agree_at_title"}
}

// CodeChannelNotConnectedYet is the code of ChannelNotConnectedYet.
const CodeChannelNotConnectedYet = "channel_not_connected_yet"

// ChannelNotConnectedYet: the channel is not connected: {why}
// → connect it; until then plans wait
func ChannelNotConnectedYet(why any) Reason {
	return Reason{ReasonCode: "channel_not_connected_yet", Params: Params{"why": value(why)}, RemedyCode: "connect"}
}

// CodeChannelOptionsUnreadable is the code of ChannelOptionsUnreadable.
const CodeChannelOptionsUnreadable = "channel_options_unreadable"

// ChannelOptionsUnreadable: channel {channel} describes its options in a way that can't be read
// → tell who made the channel
func ChannelOptionsUnreadable(channel any) Reason {
	return Reason{ReasonCode: "channel_options_unreadable", Params: Params{"channel": value(channel)}, RemedyCode: "tell_who_made_the_channel"}
}

// CodeChannelOrChannels is the code of ChannelOrChannels.
const CodeChannelOrChannels = "channel_or_channels"

// ChannelOrChannels: name one channel, or a list of them
// → fill in channel or channels
func ChannelOrChannels() Reason {
	return Reason{ReasonCode: "channel_or_channels", RemedyCode: "fill_in_channel_or_channels"}
}

// CodeChannelPaused is the code of ChannelPaused.
const CodeChannelPaused = "channel_paused"

// ChannelPaused: the channel is paused
// → resume it; until then plans wait
func ChannelPaused() Reason {
	return Reason{ReasonCode: "channel_paused", RemedyCode: "resume"}
}

// CodeChannelPlaceInUse is the code of ChannelPlaceInUse.
const CodeChannelPlaceInUse = "channel_place_in_use"

// ChannelPlaceInUse: {live} publications are at the present place
// → recall them first, or add a second channel
func ChannelPlaceInUse(live any) Reason {
	return Reason{ReasonCode: "channel_place_in_use", Params: Params{"live": value(live)}, RemedyCode: "recall_them_first_or_add"}
}

// CodeChannelPlaceTaken is the code of ChannelPlaceTaken.
const CodeChannelPlaceTaken = "channel_place_taken"

// ChannelPlaceTaken: the channel “{name}” writes to the same place: each would overwrite and take back what the other publishes
// → enter another folder, prefix or URL
func ChannelPlaceTaken(name any) Reason {
	return Reason{ReasonCode: "channel_place_taken", Params: Params{"name": value(name)}, RemedyCode: "choose_another_folder"}
}

// CodeChannelRateFull is the code of ChannelRateFull.
const CodeChannelRateFull = "channel_rate_full"

// ChannelRateFull: the account takes {max} in {minutes} minutes, and as many are planned: it would start at {at:time}
// → choose another time
func ChannelRateFull(max, minutes, at any) Reason {
	return Reason{ReasonCode: "channel_rate_full", Params: Params{"max": value(max), "minutes": value(minutes), "at": value(at)}, RemedyCode: "choose_another_time"}
}

// CodeChannelRedirects is the code of ChannelRedirects.
const CodeChannelRedirects = "channel_redirects"

// ChannelRedirects: the channel redirects to another address
// → enter that address itself
func ChannelRedirects() Reason {
	return Reason{ReasonCode: "channel_redirects", RemedyCode: "enter_that_address_itself"}
}

// CodeChannelRefusesAccount is the code of ChannelRefusesAccount.
const CodeChannelRefusesAccount = "channel_refuses_account"

// ChannelRefusesAccount: the channel refuses this account
// → connect the channel again with valid credentials
func ChannelRefusesAccount() Reason {
	return Reason{ReasonCode: "channel_refuses_account", RemedyCode: "connect_again"}
}

// CodeChannelRefusesClient is the code of ChannelRefusesClient.
const CodeChannelRefusesClient = "channel_refuses_client"

// ChannelRefusesClient: the channel refuses the application's client id or secret
// → connect the channel again with valid credentials
func ChannelRefusesClient() Reason {
	return Reason{ReasonCode: "channel_refuses_client", RemedyCode: "connect_again"}
}

// CodeChannelRefusesCredentials is the code of ChannelRefusesCredentials.
const CodeChannelRefusesCredentials = "channel_refuses_credentials"

// ChannelRefusesCredentials: {title:channel_kind} refuses these credentials: {cause}
// → check them, then test again
func ChannelRefusesCredentials(title, cause any) Reason {
	return Reason{ReasonCode: "channel_refuses_credentials", Params: Params{"title": value(title), "cause": value(cause)}, RemedyCode: "check_them_then_test_again"}
}

// CodeChannelRefusesStatus is the code of ChannelRefusesStatus.
const CodeChannelRefusesStatus = "channel_refuses_status"

// ChannelRefusesStatus: the channel refuses this: {status}
// → see the channel's own limits
func ChannelRefusesStatus(status any) Reason {
	return Reason{ReasonCode: "channel_refuses_status", Params: Params{"status": value(status)}, RemedyCode: "see_the_channels_own_limits"}
}

// CodeChannelRemoved is the code of ChannelRemoved.
const CodeChannelRemoved = "channel_removed"

// ChannelRemoved: channel {id} has been removed
// → add it again
func ChannelRemoved(id any) Reason {
	return Reason{ReasonCode: "channel_removed", Params: Params{"id": value(id)}, RemedyCode: "add_it_again"}
}

// CodeChannelRetried is the code of ChannelRetried.
const CodeChannelRetried = "channel_retried"

// ChannelRetried: the channel does not answer as it should; it is tried again
func ChannelRetried() Reason {
	return Reason{ReasonCode: "channel_retried"}
}

// CodeChannelScopesWithheld is the code of ChannelScopesWithheld.
const CodeChannelScopesWithheld = "channel_scopes_withheld"

// ChannelScopesWithheld: {title:channel_kind} did not grant {scopes}
// → connect the account again, and agree to all that is asked for
func ChannelScopesWithheld(title, scopes any) Reason {
	return Reason{ReasonCode: "channel_scopes_withheld", Params: Params{"title": value(title), "scopes": value(scopes)}, RemedyCode: "connect_and_agree_to_all"}
}

// CodeChannelShowsOnce is the code of ChannelShowsOnce.
const CodeChannelShowsOnce = "channel_shows_once"

// ChannelShowsOnce: channel {name} shows an asset in one place, so that repeating it changes nothing
// → publish it once, or choose a channel that makes posts
func ChannelShowsOnce(name any) Reason {
	return Reason{ReasonCode: "channel_shows_once", Params: Params{"name": value(name)}, RemedyCode: "publish_it_once_or_choose"}
}

// CodeChannelSlotsTaken is the code of ChannelSlotsTaken.
const CodeChannelSlotsTaken = "channel_slots_taken"

// ChannelSlotsTaken: every slot of channel {name} is taken for a year
// → give it more slots, or name a time
func ChannelSlotsTaken(name any) Reason {
	return Reason{ReasonCode: "channel_slots_taken", Params: Params{"name": value(name)}, RemedyCode: "give_it_more_slots_or_name"}
}

// CodeChannelTwice is the code of ChannelTwice.
const CodeChannelTwice = "channel_twice"

// ChannelTwice: the channel is named twice
// → name it once
func ChannelTwice() Reason {
	return Reason{ReasonCode: "channel_twice", RemedyCode: "name_it_once"}
}

// CodeChannelUnreachable is the code of ChannelUnreachable.
const CodeChannelUnreachable = "channel_unreachable"

// ChannelUnreachable: {title:channel_kind} can't be reached: {cause}
// → check the settings and the network, then test again
func ChannelUnreachable(title, cause any) Reason {
	return Reason{ReasonCode: "channel_unreachable", Params: Params{"title": value(title), "cause": value(cause)}, RemedyCode: "check_the_settings_and_the_network"}
}

// CodeChannelVersionEnding is the code of ChannelVersionEnding.
const CodeChannelVersionEnding = "channel_version_ending"

// ChannelVersionEnding: {kind} ends version {version} of its API on {day:date}
// → upgrade Vitrine before then: a newer version speaks the next one
func ChannelVersionEnding(kind, version, day any) Reason {
	return Reason{ReasonCode: "channel_version_ending", Params: Params{"kind": value(kind), "version": value(version), "day": value(day)}, RemedyCode: "upgrade_before_it_ends"}
}

// CodeChannelVersionOver is the code of ChannelVersionOver.
const CodeChannelVersionOver = "channel_version_over"

// ChannelVersionOver: {kind} has ended version {version} of its API on {day:date}
// → upgrade Vitrine before then: a newer version speaks the next one
func ChannelVersionOver(kind, version, day any) Reason {
	return Reason{ReasonCode: "channel_version_over", Params: Params{"kind": value(kind), "version": value(version), "day": value(day)}, RemedyCode: "upgrade_before_it_ends"}
}

// CodeChannelVersionsEnding is the code of ChannelVersionsEnding.
const CodeChannelVersionsEnding = "channel_versions_ending"

// ChannelVersionsEnding: interfaces that channels speak: {why:list}
// → upgrade Vitrine before then: a newer version speaks the next one
func ChannelVersionsEnding(why any) Reason {
	return Reason{ReasonCode: "channel_versions_ending", Params: Params{"why": value(why)}, RemedyCode: "upgrade_before_it_ends"}
}

// CodeChannelWithoutAccount is the code of ChannelWithoutAccount.
const CodeChannelWithoutAccount = "channel_without_account"

// ChannelWithoutAccount: {title:channel_kind} has no account yet
// → connect one
func ChannelWithoutAccount(title any) Reason {
	return Reason{ReasonCode: "channel_without_account", Params: Params{"title": value(title)}, RemedyCode: "connect_one"}
}

// CodeChannelWithoutComments is the code of ChannelWithoutComments.
const CodeChannelWithoutComments = "channel_without_comments"

// ChannelWithoutComments: channel {name} can't put a comment under its posts
// → leave it out, or add it to the caption
func ChannelWithoutComments(name any) Reason {
	return Reason{ReasonCode: "channel_without_comments", Params: Params{"name": value(name)}, RemedyCode: "leave_it_out_or_add"}
}

// CodeChannelWithoutOption is the code of ChannelWithoutOption.
const CodeChannelWithoutOption = "channel_without_option"

// ChannelWithoutOption: channel {channel} has no option “{option}”
func ChannelWithoutOption(channel, option any) Reason {
	return Reason{ReasonCode: "channel_without_option", Params: Params{"channel": value(channel), "option": value(option)}}
}

// CodeChannelWithoutSlots is the code of ChannelWithoutSlots.
const CodeChannelWithoutSlots = "channel_without_slots"

// ChannelWithoutSlots: channel {name} has no slots
// → give it some in its schedule, or name a time
func ChannelWithoutSlots(name any) Reason {
	return Reason{ReasonCode: "channel_without_slots", Params: Params{"name": value(name)}, RemedyCode: "give_it_some_in_its_schedule"}
}

// CodeClockDiffers is the code of ClockDiffers.
const CodeClockDiffers = "clock_differs"

// ClockDiffers: this node's clock differs from the database's by {by:duration}
func ClockDiffers(by any) Reason {
	return Reason{ReasonCode: "clock_differs", Params: Params{"by": value(by)}}
}

// CodeClocksDiffer is the code of ClocksDiffer.
const CodeClocksDiffer = "clocks_differ"

// ClocksDiffer: the clocks of this server and of the remote differ too much
// → set the clock of this server, for example with NTP
func ClocksDiffer() Reason {
	return Reason{ReasonCode: "clocks_differ", RemedyCode: "set_the_clock"}
}

// CodeCmykApproximate is the code of CmykApproximate.
const CodeCmykApproximate = "cmyk_approximate"

// CmykApproximate: CMYK is converted to RGB without its print profile, so colours are approximate
func CmykApproximate() Reason {
	return Reason{ReasonCode: "cmyk_approximate"}
}

// CodeCollectionAddedAndRemoved is the code of CollectionAddedAndRemoved.
const CodeCollectionAddedAndRemoved = "collection_added_and_removed"

// CollectionAddedAndRemoved: the same collection is added and removed
// → name two collections, or one
func CollectionAddedAndRemoved() Reason {
	return Reason{ReasonCode: "collection_added_and_removed", RemedyCode: "name_one_or_two_collections"}
}

// CodeCollectionBesideItself is the code of CollectionBesideItself.
const CodeCollectionBesideItself = "collection_beside_itself"

// CollectionBesideItself: a collection can't stand before itself
// → name another one
func CollectionBesideItself() Reason {
	return Reason{ReasonCode: "collection_beside_itself", RemedyCode: "name_another_sibling"}
}

// CodeCollectionChangedMeanwhile is the code of CollectionChangedMeanwhile.
const CodeCollectionChangedMeanwhile = "collection_changed_meanwhile"

// CollectionChangedMeanwhile: somebody changed the collection meanwhile
// → read it again and repeat the edit
func CollectionChangedMeanwhile() Reason {
	return Reason{ReasonCode: "collection_changed_meanwhile", RemedyCode: "read_it_again_and_repeat"}
}

// CodeCollectionFrozen is the code of CollectionFrozen.
const CodeCollectionFrozen = "collection_frozen"

// CollectionFrozen: the collection is frozen: it keeps the assets that it has
// → unfreeze it first
func CollectionFrozen() Reason {
	return Reason{ReasonCode: "collection_frozen", RemedyCode: "unfreeze_the_collection_first"}
}

// CodeCollectionHasBelow is the code of CollectionHasBelow.
const CodeCollectionHasBelow = "collection_has_below"

// CollectionHasBelow: {n} collections are below it and go to the bin with it
// → look at what that touches, and repeat it with below=true
func CollectionHasBelow(n any) Reason {
	return Reason{ReasonCode: "collection_has_below", Params: Params{"n": value(n)}, RemedyCode: "repeat_with_below"}
}

// CodeCollectionInItself is the code of CollectionInItself.
const CodeCollectionInItself = "collection_in_itself"

// CollectionInItself: a collection can't be put into itself or into one below it
// → choose another parent
func CollectionInItself() Reason {
	return Reason{ReasonCode: "collection_in_itself", RemedyCode: "choose_another_parent"}
}

// CodeCollectionNameLength is the code of CollectionNameLength.
const CodeCollectionNameLength = "collection_name_length"

// CollectionNameLength: a collection's name has 1–200 characters
// → give it a name
func CollectionNameLength() Reason {
	return Reason{ReasonCode: "collection_name_length", RemedyCode: "give_it_a_name"}
}

// CodeCollectionNameTaken is the code of CollectionNameTaken.
const CodeCollectionNameTaken = "collection_name_taken"

// CollectionNameTaken: there is a collection of this name already
// → choose another name, or use that collection
func CollectionNameTaken() Reason {
	return Reason{ReasonCode: "collection_name_taken", RemedyCode: "rename_or_use_collection"}
}

// CodeCollectionNamedByQuery is the code of CollectionNamedByQuery.
const CodeCollectionNamedByQuery = "collection_named_by_query"

// CollectionNamedByQuery: the query of the smart collection {name:q} names this collection
// → change that query first
func CollectionNamedByQuery(name any) Reason {
	return Reason{ReasonCode: "collection_named_by_query", Params: Params{"name": value(name)}, RemedyCode: "change_that_query_first"}
}

// CodeCollectionWithoutCollect is the code of CollectionWithoutCollect.
const CodeCollectionWithoutCollect = "collection_without_collect"

// CollectionWithoutCollect: a collection belongs to the action collect, and to no other
// → name one with collect only
func CollectionWithoutCollect() Reason {
	return Reason{ReasonCode: "collection_without_collect", RemedyCode: "name_one_with_collect_only"}
}

// CodeCollectionsTooDeep is the code of CollectionsTooDeep.
const CodeCollectionsTooDeep = "collections_too_deep"

// CollectionsTooDeep: collections are nested at most {max} levels deep
// → choose a parent that is higher up
func CollectionsTooDeep(max any) Reason {
	return Reason{ReasonCode: "collections_too_deep", Params: Params{"max": value(max)}, RemedyCode: "choose_a_higher_parent"}
}

// CodeColumnNameNotText is the code of ColumnNameNotText.
const CodeColumnNameNotText = "column_name_not_text"

// ColumnNameNotText: a column's name is not UTF-8 text, or holds a control character
// → save the file as “CSV UTF-8”
func ColumnNameNotText() Reason {
	return Reason{ReasonCode: "column_name_not_text", RemedyCode: "save_the_file_as_csv_utf"}
}

// CodeColumnTwice is the code of ColumnTwice.
const CodeColumnTwice = "column_twice"

// ColumnTwice: there are two columns “{name}”
// → rename or remove one
func ColumnTwice(name any) Reason {
	return Reason{ReasonCode: "column_twice", Params: Params{"name": value(name)}, RemedyCode: "rename_or_remove_one"}
}

// CodeColumnWithoutName is the code of ColumnWithoutName.
const CodeColumnWithoutName = "column_without_name"

// ColumnWithoutName: column {n} has no name
// → name it, or remove it
func ColumnWithoutName(n any) Reason {
	return Reason{ReasonCode: "column_without_name", Params: Params{"n": value(n)}, RemedyCode: "name_it_or_remove_it"}
}

// CodeCommentBeingSent is the code of CommentBeingSent.
const CodeCommentBeingSent = "comment_being_sent"

// CommentBeingSent: its first comment is being sent
func CommentBeingSent() Reason {
	return Reason{ReasonCode: "comment_being_sent"}
}

// CodeCommentFailed is the code of CommentFailed.
const CodeCommentFailed = "comment_failed"

// CommentFailed: its first comment: {why}
func CommentFailed(why any) Reason {
	return Reason{ReasonCode: "comment_failed", Params: Params{"why": value(why)}}
}

// CodeCommentMaybeThere is the code of CommentMaybeThere.
const CodeCommentMaybeThere = "comment_maybe_there"

// CommentMaybeThere: not sent: the catalogue {words}, and it may be there already
func CommentMaybeThere(words any) Reason {
	return Reason{ReasonCode: "comment_maybe_there", Params: Params{"words": value(words)}}
}

// CodeCommentNotFindable is the code of CommentNotFindable.
const CodeCommentNotFindable = "comment_not_findable"

// CommentNotFindable: the post is gone; its first comment may be there, and this account may not look for it
func CommentNotFindable() Reason {
	return Reason{ReasonCode: "comment_not_findable"}
}

// CodeCommentNotSent is the code of CommentNotSent.
const CodeCommentNotSent = "comment_not_sent"

// CommentNotSent: its first comment was not sent
func CommentNotSent() Reason {
	return Reason{ReasonCode: "comment_not_sent"}
}

// CodeCommentScopeMissing is the code of CommentScopeMissing.
const CodeCommentScopeMissing = "comment_scope_missing"

// CommentScopeMissing: {name} sends the post without its first comment: the access lacks the scope {scope}
// → get the scope for the app, then connect the channel again
func CommentScopeMissing(name, scope any) Reason {
	return Reason{ReasonCode: "comment_scope_missing", Params: Params{"name": value(name), "scope": value(scope)}, RemedyCode: "get_the_scope_and_connect_again"}
}

// CodeCommentThere is the code of CommentThere.
const CodeCommentThere = "comment_there"

// CommentThere: its first comment is there
func CommentThere() Reason {
	return Reason{ReasonCode: "comment_there"}
}

// CodeConfigNotSettings is the code of ConfigNotSettings.
const CodeConfigNotSettings = "config_not_settings"

// ConfigNotSettings: this isn't a list of settings
// → write one `key: value` a line
func ConfigNotSettings() Reason {
	return Reason{ReasonCode: "config_not_settings", RemedyCode: "write_one_key"}
}

// CodeConfigNotYaml is the code of ConfigNotYaml.
const CodeConfigNotYaml = "config_not_yaml"

// ConfigNotYaml: {err}
// → it must be YAML, one `key: value` a line
func ConfigNotYaml(err any) Reason {
	return Reason{ReasonCode: "config_not_yaml", Params: Params{"err": value(err)}, RemedyCode: "it_must_be_yaml_one_key"}
}

// CodeConfigUnreadable is the code of ConfigUnreadable.
const CodeConfigUnreadable = "config_unreadable"

// ConfigUnreadable: the configuration file can't be read: {err}
// → check the path and its permissions
func ConfigUnreadable(err any) Reason {
	return Reason{ReasonCode: "config_unreadable", Params: Params{"err": value(err)}, RemedyCode: "check_the_path_and_its_permissions"}
}

// CodeConfirmAnswer is the code of ConfirmAnswer.
const CodeConfirmAnswer = "confirm_answer"

// ConfirmAnswer: the answer is delivered, resend or abandon
// → choose one
func ConfirmAnswer() Reason {
	return Reason{ReasonCode: "confirm_answer", RemedyCode: "choose"}
}

// CodeConfirmedByPerson is the code of ConfirmedByPerson.
const CodeConfirmedByPerson = "confirmed_by_person"

// ConfirmedByPerson: confirmed by a person
func ConfirmedByPerson() Reason {
	return Reason{ReasonCode: "confirmed_by_person"}
}

// CodeConfirmedDelivered is the code of ConfirmedDelivered.
const CodeConfirmedDelivered = "confirmed_delivered"

// ConfirmedDelivered: a person confirmed the delivery
func ConfirmedDelivered() Reason {
	return Reason{ReasonCode: "confirmed_delivered"}
}

// CodeConfirmedGone is the code of ConfirmedGone.
const CodeConfirmedGone = "confirmed_gone"

// ConfirmedGone: a person confirmed that it is gone
func ConfirmedGone() Reason {
	return Reason{ReasonCode: "confirmed_gone"}
}

// CodeConfirmedNotDelivered is the code of ConfirmedNotDelivered.
const CodeConfirmedNotDelivered = "confirmed_not_delivered"

// ConfirmedNotDelivered: a person found that it was not delivered
func ConfirmedNotDelivered() Reason {
	return Reason{ReasonCode: "confirmed_not_delivered"}
}

// CodeConnectItsAccount is the code of ConnectItsAccount.
const CodeConnectItsAccount = "connect_its_account"

// ConnectItsAccount: connect its account
func ConnectItsAccount() Reason {
	return Reason{ReasonCode: "connect_its_account"}
}

// CodeConnectionNotStarted is the code of ConnectionNotStarted.
const CodeConnectionNotStarted = "connection_not_started"

// ConnectionNotStarted: this connection was not started by you, is too old or has been finished already
// → start connecting the channel again
func ConnectionNotStarted() Reason {
	return Reason{ReasonCode: "connection_not_started", RemedyCode: "start_connecting_the_channel_again"}
}

// CodeConsentIsWithdrawn is the code of ConsentIsWithdrawn.
const CodeConsentIsWithdrawn = "consent_is_withdrawn"

// ConsentIsWithdrawn: the consent was taken back, and stays so
// → enter a new consent if the person gives one
func ConsentIsWithdrawn() Reason {
	return Reason{ReasonCode: "consent_is_withdrawn", RemedyCode: "enter_a_new_consent"}
}

// CodeConsentWithdrawn is the code of ConsentWithdrawn.
const CodeConsentWithdrawn = "consent_withdrawn"

// ConsentWithdrawn: somebody took back their consent to show the asset
// → choose another asset
func ConsentWithdrawn() Reason {
	return Reason{ReasonCode: "consent_withdrawn", RemedyCode: "choose_another_asset_without_them"}
}

// CodeContainerForgotten is the code of ContainerForgotten.
const CodeContainerForgotten = "container_forgotten"

// ContainerForgotten: Instagram has forgotten the container
func ContainerForgotten() Reason {
	return Reason{ReasonCode: "container_forgotten"}
}

// CodeContainerIdUnknown is the code of ContainerIdUnknown.
const CodeContainerIdUnknown = "container_id_unknown"

// ContainerIdUnknown: the container's id is not known
func ContainerIdUnknown() Reason {
	return Reason{ReasonCode: "container_id_unknown"}
}

// CodeContainerIs is the code of ContainerIs.
const CodeContainerIs = "container_is"

// ContainerIs: the container is {code}
func ContainerIs(code any) Reason {
	return Reason{ReasonCode: "container_is", Params: Params{"code": value(code)}}
}

// CodeContentTypeUnknown is the code of ContentTypeUnknown.
const CodeContentTypeUnknown = "content_type_unknown"

// ContentTypeUnknown: this media type is not understood
// → send application/json
func ContentTypeUnknown() Reason {
	return Reason{ReasonCode: "content_type_unknown", RemedyCode: "send_application_json"}
}

// CodeContributorChangesOwn is the code of ContributorChangesOwn.
const CodeContributorChangesOwn = "contributor_changes_own"

// ContributorChangesOwn: contributors change only what they uploaded
// → ask an editor
func ContributorChangesOwn() Reason {
	return Reason{ReasonCode: "contributor_changes_own", RemedyCode: "ask_an_editor"}
}

// CodeCoordinatesRange is the code of CoordinatesRange.
const CodeCoordinatesRange = "coordinates_range"

// CoordinatesRange: latitude is −90…90, longitude −180…180 degrees
// → swap them if they are the wrong way round
func CoordinatesRange() Reason {
	return Reason{ReasonCode: "coordinates_range", RemedyCode: "swap_if_reversed"}
}

// CodeCopyImpossible is the code of CopyImpossible.
const CodeCopyImpossible = "copy_impossible"

// CopyImpossible: {why}
// → leave metadata out to download the original
func CopyImpossible(why any) Reason {
	return Reason{ReasonCode: "copy_impossible", Params: Params{"why": value(why)}, RemedyCode: "leave_metadata_out_to_download"}
}

// CodeCopyInMaking is the code of CopyInMaking.
const CodeCopyInMaking = "copy_in_making"

// CopyInMaking: the copy is being made
// → ask again in a few seconds
func CopyInMaking() Reason {
	return Reason{ReasonCode: "copy_in_making", RemedyCode: "ask_again_in_a_few_seconds"}
}

// CodeCoverNeedsBothSides is the code of CoverNeedsBothSides.
const CodeCoverNeedsBothSides = "cover_needs_both_sides"

// CoverNeedsBothSides: cover needs both sides
// → give width and height, or use contain
func CoverNeedsBothSides() Reason {
	return Reason{ReasonCode: "cover_needs_both_sides", RemedyCode: "give_width_and_height_or_use"}
}

// CodeCredentialsNotOpenable is the code of CredentialsNotOpenable.
const CodeCredentialsNotOpenable = "credentials_not_openable"

// CredentialsNotOpenable: the stored credentials can't be opened
// → enter them again
func CredentialsNotOpenable() Reason {
	return Reason{ReasonCode: "credentials_not_openable", RemedyCode: "enter_them_again"}
}

// CodeCropCutsZone is the code of CropCutsZone.
const CodeCropCutsZone = "crop_cuts_zone"

// CropCutsZone: the crop cuts a protected zone ({kind:zone_kind}): no channel gets this preset of this asset, and its public URL shows nothing
func CropCutsZone(kind any) Reason {
	return Reason{ReasonCode: "crop_cuts_zone", Params: Params{"kind": value(kind)}}
}

// CodeCropCutsZoneKept is the code of CropCutsZoneKept.
const CodeCropCutsZoneKept = "crop_cuts_zone_kept"

// CropCutsZoneKept: the crop cuts a protected zone ({kind:zone_kind}): no channel gets this preset of this asset. Its public URL stays, for it was approved before that counted
func CropCutsZoneKept(kind any) Reason {
	return Reason{ReasonCode: "crop_cuts_zone_kept", Params: Params{"kind": value(kind)}}
}

// CodeCrossSiteRequest is the code of CrossSiteRequest.
const CodeCrossSiteRequest = "cross_site_request"

// CrossSiteRequest: a page of another site sent this request
// → use the portal, or an API token
func CrossSiteRequest() Reason {
	return Reason{ReasonCode: "cross_site_request", RemedyCode: "use_the_portal_or_an_api"}
}

// CodeCsvQuote is the code of CsvQuote.
const CodeCsvQuote = "csv_quote"

// CsvQuote: {err}
// → write a quote inside a quoted cell twice: "12"" plate"
func CsvQuote(err any) Reason {
	return Reason{ReasonCode: "csv_quote", Params: Params{"err": value(err)}, RemedyCode: "write_a_quote_inside_a_quoted"}
}

// CodeCursorOfOtherSort is the code of CursorOfOtherSort.
const CodeCursorOfOtherSort = "cursor_of_other_sort"

// CursorOfOtherSort: this cursor belongs to another sort order
// → start again without “after” when the order changes
func CursorOfOtherSort() Reason {
	return Reason{ReasonCode: "cursor_of_other_sort", RemedyCode: "restart_paging"}
}

// CodeCustomNotObject is the code of CustomNotObject.
const CodeCustomNotObject = "custom_not_object"

// CustomNotObject: not an object
// → send values by key, such as {"season": "summer"}
func CustomNotObject() Reason {
	return Reason{ReasonCode: "custom_not_object", RemedyCode: "send_values_by_key"}
}

// CodeDatabaseBusy is the code of DatabaseBusy.
const CodeDatabaseBusy = "database_busy"

// DatabaseBusy: the database is busy
// → try again in a moment; reading goes on where it can
func DatabaseBusy() Reason {
	return Reason{ReasonCode: "database_busy", RemedyCode: "try_again_in_a_moment_reading"}
}

// CodeDatabaseDiskErrors is the code of DatabaseDiskErrors.
const CodeDatabaseDiskErrors = "database_disk_errors"

// DatabaseDiskErrors: the disk of the database reports errors or is full
// → an administrator has to look at the database, then try again
func DatabaseDiskErrors() Reason {
	return Reason{ReasonCode: "database_disk_errors", RemedyCode: "have_database_checked"}
}

// CodeDatabaseDiskFull is the code of DatabaseDiskFull.
const CodeDatabaseDiskFull = "database_disk_full"

// DatabaseDiskFull: the disk of the database is full
// → an administrator has to make room, then try again; nothing was lost
func DatabaseDiskFull() Reason {
	return Reason{ReasonCode: "database_disk_full", RemedyCode: "an_administrator_has_to_make_room"}
}

// CodeDatabaseNoConnection is the code of DatabaseNoConnection.
const CodeDatabaseNoConnection = "database_no_connection"

// DatabaseNoConnection: the database has no connection left
// → try again in a moment; reading goes on where it can
func DatabaseNoConnection() Reason {
	return Reason{ReasonCode: "database_no_connection", RemedyCode: "try_again_in_a_moment_reading"}
}

// CodeDatabaseReadOnly is the code of DatabaseReadOnly.
const CodeDatabaseReadOnly = "database_read_only"

// DatabaseReadOnly: the database is read-only
// → an administrator has to look at the database, then try again
func DatabaseReadOnly() Reason {
	return Reason{ReasonCode: "database_read_only", RemedyCode: "have_database_checked"}
}

// CodeDatabaseSilent is the code of DatabaseSilent.
const CodeDatabaseSilent = "database_silent"

// DatabaseSilent: the database does not answer
// → try again in a moment; reading goes on where it can
func DatabaseSilent() Reason {
	return Reason{ReasonCode: "database_silent", RemedyCode: "try_again_in_a_moment_reading"}
}

// CodeDecoderCrashed is the code of DecoderCrashed.
const CodeDecoderCrashed = "decoder_crashed"

// DecoderCrashed: the file makes its decoder crash
// → export it again from the program that made it and upload the new file
func DecoderCrashed() Reason {
	return Reason{ReasonCode: "decoder_crashed", RemedyCode: "export_it_again_from_the_program"}
}

// CodeDeletedRemote is the code of DeletedRemote.
const CodeDeletedRemote = "deleted_remote"

// DeletedRemote: deleted {id}
func DeletedRemote(id any) Reason {
	return Reason{ReasonCode: "deleted_remote", Params: Params{"id": value(id)}}
}

// CodeDeliveredSince is the code of DeliveredSince.
const CodeDeliveredSince = "delivered_since"

// DeliveredSince: it has been delivered to “{channel}” since
// → recall the publication, then change the asset by hand
func DeliveredSince(channel any) Reason {
	return Reason{ReasonCode: "delivered_since", Params: Params{"channel": value(channel)}, RemedyCode: "recall_the_publication_then_change"}
}

// CodeDeliveryUnknownConfirm is the code of DeliveryUnknownConfirm.
const CodeDeliveryUnknownConfirm = "delivery_unknown_confirm"

// DeliveryUnknownConfirm: nobody knows whether it was delivered
// → look at the channel and confirm what you found first
func DeliveryUnknownConfirm() Reason {
	return Reason{ReasonCode: "delivery_unknown_confirm", RemedyCode: "look_at_the_channel_and_confirm"}
}

// CodeDeliveryUnknownResend is the code of DeliveryUnknownResend.
const CodeDeliveryUnknownResend = "delivery_unknown_resend"

// DeliveryUnknownResend: nobody knows whether it was delivered; sending again could post it twice
// → look at the channel, then confirm what you found
func DeliveryUnknownResend() Reason {
	return Reason{ReasonCode: "delivery_unknown_resend", RemedyCode: "look_at_the_channel_then_confirm"}
}

// CodeDeliveryUntold is the code of DeliveryUntold.
const CodeDeliveryUntold = "delivery_untold"

// DeliveryUntold: nobody can tell whether it was delivered: {note}
// → look at the channel, then confirm what you found
func DeliveryUntold(note any) Reason {
	return Reason{ReasonCode: "delivery_untold", Params: Params{"note": value(note)}, RemedyCode: "look_at_the_channel_then_confirm"}
}

// CodeDensityRange is the code of DensityRange.
const CodeDensityRange = "density_range"

// DensityRange: a density is 1–4, with sides up to 16384 pixels
// → 2 is enough for most screens
func DensityRange() Reason {
	return Reason{ReasonCode: "density_range", RemedyCode: "two_is_enough"}
}

// CodeDisksAlmostFull is the code of DisksAlmostFull.
const CodeDisksAlmostFull = "disks_almost_full"

// DisksAlmostFull: {said}
// → make room or move what is there; uploads are taken again by themselves
func DisksAlmostFull(said any) Reason {
	return Reason{ReasonCode: "disks_almost_full", Params: Params{"said": value(said)}, RemedyCode: "make_room"}
}

// CodeDocumentNotWritable is the code of DocumentNotWritable.
const CodeDocumentNotWritable = "document_not_writable"

// DocumentNotWritable: the document can't be written
// → report this
func DocumentNotWritable() Reason {
	return Reason{ReasonCode: "document_not_writable", RemedyCode: "report_this"}
}

// CodeDownloadAssetUnknown is the code of DownloadAssetUnknown.
const CodeDownloadAssetUnknown = "download_asset_unknown"

// DownloadAssetUnknown: there is no such asset
func DownloadAssetUnknown() Reason {
	return Reason{ReasonCode: "download_asset_unknown"}
}

// CodeDownloadCancelled is the code of DownloadCancelled.
const CodeDownloadCancelled = "download_cancelled"

// DownloadCancelled: the download was cancelled
// → ask for the download again
func DownloadCancelled() Reason {
	return Reason{ReasonCode: "download_cancelled", RemedyCode: "ask_for_the_download_again"}
}

// CodeDownloadEmpty is the code of DownloadEmpty.
const CodeDownloadEmpty = "download_empty"

// DownloadEmpty: nothing of the selection can be downloaded
func DownloadEmpty() Reason {
	return Reason{ReasonCode: "download_empty"}
}

// CodeDownloadFileUnreadable is the code of DownloadFileUnreadable.
const CodeDownloadFileUnreadable = "download_file_unreadable"

// DownloadFileUnreadable: the file could not be read to its end
// → ask an administrator to repair it (vitrine repair), or upload the same file again
func DownloadFileUnreadable() Reason {
	return Reason{ReasonCode: "download_file_unreadable", RemedyCode: "ask_an_administrator_to_repair"}
}

// CodeDownloadHiddenSince is the code of DownloadHiddenSince.
const CodeDownloadHiddenSince = "download_hidden_since"

// DownloadHiddenSince: it was removed since, or you may not see it any more
func DownloadHiddenSince() Reason {
	return Reason{ReasonCode: "download_hidden_since"}
}

// CodeDownloadInBin is the code of DownloadInBin.
const CodeDownloadInBin = "download_in_bin"

// DownloadInBin: it is in the bin
func DownloadInBin() Reason {
	return Reason{ReasonCode: "download_in_bin"}
}

// CodeDownloadKinds is the code of DownloadKinds.
const CodeDownloadKinds = "download_kinds"

// DownloadKinds: there are two kinds of downloads
// → write original (the bytes as they came, the default) or current (with the catalogue's metadata)
func DownloadKinds() Reason {
	return Reason{ReasonCode: "download_kinds", RemedyCode: "write_original"}
}

// CodeDownloadLinkOver is the code of DownloadLinkOver.
const CodeDownloadLinkOver = "download_link_over"

// DownloadLinkOver: the link of this download has expired
// → ask for the download again
func DownloadLinkOver() Reason {
	return Reason{ReasonCode: "download_link_over", RemedyCode: "ask_for_the_download_again"}
}

// CodeDownloadNotApproved is the code of DownloadNotApproved.
const CodeDownloadNotApproved = "download_not_approved"

// DownloadNotApproved: no version of it is approved
func DownloadNotApproved() Reason {
	return Reason{ReasonCode: "download_not_approved"}
}

// CodeDownloadNotReady is the code of DownloadNotReady.
const CodeDownloadNotReady = "download_not_ready"

// DownloadNotReady: the download is not ready
// → wait until its files are listed
func DownloadNotReady() Reason {
	return Reason{ReasonCode: "download_not_ready", RemedyCode: "wait_until_it_is_ready"}
}

// CodeDownloadPictureNotMade is the code of DownloadPictureNotMade.
const CodeDownloadPictureNotMade = "download_picture_not_made"

// DownloadPictureNotMade: the picture could not be made
func DownloadPictureNotMade() Reason {
	return Reason{ReasonCode: "download_picture_not_made"}
}

// CodeDownloadReasonMissing is the code of DownloadReasonMissing.
const CodeDownloadReasonMissing = "download_reason_missing"

// DownloadReasonMissing: the library asks for a reason for each download
// → say what it is for
func DownloadReasonMissing() Reason {
	return Reason{ReasonCode: "download_reason_missing", RemedyCode: "say_what_it_is_for"}
}

// CodeDownloadTemplateOpen is the code of DownloadTemplateOpen.
const CodeDownloadTemplateOpen = "download_template_open"

// DownloadTemplateOpen: a brace is not closed
// → use {placeholders}
func DownloadTemplateOpen(placeholders any) Reason {
	return Reason{ReasonCode: "download_template_open", Params: Params{"placeholders": value(placeholders)}, RemedyCode: "use_these_placeholders"}
}

// CodeDownloadTemplateUnknown is the code of DownloadTemplateUnknown.
const CodeDownloadTemplateUnknown = "download_template_unknown"

// DownloadTemplateUnknown: there is no placeholder “{placeholder}”
// → use {placeholders}
func DownloadTemplateUnknown(placeholder, placeholders any) Reason {
	return Reason{ReasonCode: "download_template_unknown", Params: Params{"placeholder": value(placeholder), "placeholders": value(placeholders)}, RemedyCode: "use_these_placeholders"}
}

// CodeDownloadTermsChangedMeanwhile is the code of DownloadTermsChangedMeanwhile.
const CodeDownloadTermsChangedMeanwhile = "download_terms_changed_meanwhile"

// DownloadTermsChangedMeanwhile: the terms have changed meanwhile
// → read it again and repeat the edit
func DownloadTermsChangedMeanwhile() Reason {
	return Reason{ReasonCode: "download_terms_changed_meanwhile", RemedyCode: "read_it_again_and_repeat"}
}

// CodeDownloadTermsNotAccepted is the code of DownloadTermsNotAccepted.
const CodeDownloadTermsNotAccepted = "download_terms_not_accepted"

// DownloadTermsNotAccepted: the library asks to accept its terms, revision {revision}, before anything is downloaded
// → read /api/downloads/terms and send its revision as accept
func DownloadTermsNotAccepted(revision any) Reason {
	return Reason{ReasonCode: "download_terms_not_accepted", Params: Params{"revision": value(revision)}, RemedyCode: "read_and_accept_the_terms"}
}

// CodeDownloadTooManyFiles is the code of DownloadTooManyFiles.
const CodeDownloadTooManyFiles = "download_too_many_files"

// DownloadTooManyFiles: that is {files} files; one download holds at most {most}
// → select fewer assets, or split the download
func DownloadTooManyFiles(files, most any) Reason {
	return Reason{ReasonCode: "download_too_many_files", Params: Params{"files": value(files), "most": value(most)}, RemedyCode: "select_fewer_or_split"}
}

// CodeDownloadVideoInMaking is the code of DownloadVideoInMaking.
const CodeDownloadVideoInMaking = "download_video_in_making"

// DownloadVideoInMaking: its “{preset}” is a video that is not made yet
// → its making has been asked for; try again once it is made
func DownloadVideoInMaking(preset any) Reason {
	return Reason{ReasonCode: "download_video_in_making", Params: Params{"preset": value(preset)}, RemedyCode: "ask_again_once_it_is_made"}
}

// CodeDownloadWithoutRendition is the code of DownloadWithoutRendition.
const CodeDownloadWithoutRendition = "download_without_rendition"

// DownloadWithoutRendition: there is no “{preset}” of it, and none can be made
func DownloadWithoutRendition(preset any) Reason {
	return Reason{ReasonCode: "download_without_rendition", Params: Params{"preset": value(preset)}}
}

// CodeDownloadsTooManyOpen is the code of DownloadsTooManyOpen.
const CodeDownloadsTooManyOpen = "downloads_too_many_open"

// DownloadsTooManyOpen: you have too many downloads under way
// → cancel one, or wait until one has expired
func DownloadsTooManyOpen() Reason {
	return Reason{ReasonCode: "downloads_too_many_open", RemedyCode: "cancel_a_download_or_wait"}
}

// CodeDownloadsTooManyStreams is the code of DownloadsTooManyStreams.
const CodeDownloadsTooManyStreams = "downloads_too_many_streams"

// DownloadsTooManyStreams: too many archives are being sent
// → wait until one has ended
func DownloadsTooManyStreams() Reason {
	return Reason{ReasonCode: "downloads_too_many_streams", RemedyCode: "wait_until_one_has_ended"}
}

// CodeDraftChangedMeanwhile is the code of DraftChangedMeanwhile.
const CodeDraftChangedMeanwhile = "draft_changed_meanwhile"

// DraftChangedMeanwhile: the draft changed meanwhile
// → read the draft again, then save your changes
func DraftChangedMeanwhile() Reason {
	return Reason{ReasonCode: "draft_changed_meanwhile", RemedyCode: "read_the_draft_again"}
}

// CodeDraftIsDeleted is the code of DraftIsDeleted.
const CodeDraftIsDeleted = "draft_is_deleted"

// DraftIsDeleted: this draft is deleted
// → restore it first
func DraftIsDeleted() Reason {
	return Reason{ReasonCode: "draft_is_deleted", RemedyCode: "restore_the_draft_first"}
}

// CodeDraftIsPlanned is the code of DraftIsPlanned.
const CodeDraftIsPlanned = "draft_is_planned"

// DraftIsPlanned: this draft has been planned
// → see the publications that it became
func DraftIsPlanned() Reason {
	return Reason{ReasonCode: "draft_is_planned", RemedyCode: "see_what_the_draft_became"}
}

// CodeDraftNotDeleted is the code of DraftNotDeleted.
const CodeDraftNotDeleted = "draft_not_deleted"

// DraftNotDeleted: this draft is not deleted
func DraftNotDeleted() Reason {
	return Reason{ReasonCode: "draft_not_deleted"}
}

// CodeDraftTooLarge is the code of DraftTooLarge.
const CodeDraftTooLarge = "draft_too_large"

// DraftTooLarge: a draft has more than {maximum} bytes
// → shorten it
func DraftTooLarge(maximum any) Reason {
	return Reason{ReasonCode: "draft_too_large", Params: Params{"maximum": value(maximum)}, RemedyCode: "shorten"}
}

// CodeDuplicateFile is the code of DuplicateFile.
const CodeDuplicateFile = "duplicate_file"

// DuplicateFile: exactly this file is already in the library, as asset {asset}
// → open that asset, upload it as a new version of another asset, or keep both (on_duplicate=keep)
func DuplicateFile(asset any) Reason {
	return Reason{ReasonCode: "duplicate_file", Params: Params{"asset": value(asset)}, RemedyCode: "open_that_asset_upload"}
}

// CodeDuplicateInBin is the code of DuplicateInBin.
const CodeDuplicateInBin = "duplicate_in_bin"

// DuplicateInBin: the asset {id} is in the bin
// → read the report again
func DuplicateInBin(id any) Reason {
	return Reason{ReasonCode: "duplicate_in_bin", Params: Params{"id": value(id)}, RemedyCode: "read_the_report_again"}
}

// CodeEdited is the code of Edited.
const CodeEdited = "edited"

// Edited: edited
func Edited() Reason {
	return Reason{ReasonCode: "edited"}
}

// CodeEditedMeanwhile is the code of EditedMeanwhile.
const CodeEditedMeanwhile = "edited_meanwhile"

// EditedMeanwhile: it is at revision {revision}, not {yours}
// → read it again, then edit
func EditedMeanwhile(revision, yours any) Reason {
	return Reason{ReasonCode: "edited_meanwhile", Params: Params{"revision": value(revision), "yours": value(yours)}, RemedyCode: "read_it_again_and_edit"}
}

// CodeEffortRange is the code of EffortRange.
const CodeEffortRange = "effort_range"

// EffortRange: effort is 0–9
// → leave it out for the default
func EffortRange() Reason {
	return Reason{ReasonCode: "effort_range", RemedyCode: "leave_it_out_for_the_default"}
}

// CodeEndpointGone is the code of EndpointGone.
const CodeEndpointGone = "endpoint_gone"

// EndpointGone: the endpoint answered 410 Gone
func EndpointGone() Reason {
	return Reason{ReasonCode: "endpoint_gone"}
}

// CodeEndpointNotUrl is the code of EndpointNotUrl.
const CodeEndpointNotUrl = "endpoint_not_url"

// EndpointNotUrl: an endpoint is an http or https URL
// → write it as https://example.com/hooks/vitrine
func EndpointNotUrl() Reason {
	return Reason{ReasonCode: "endpoint_not_url", RemedyCode: "write_it_as_https_example"}
}

// CodeEndpointWithCredentials is the code of EndpointWithCredentials.
const CodeEndpointWithCredentials = "endpoint_with_credentials"

// EndpointWithCredentials: credentials and fragments can't be part of the URL
// → deliveries are signed: check webhook-signature instead
func EndpointWithCredentials() Reason {
	return Reason{ReasonCode: "endpoint_with_credentials", RemedyCode: "deliveries_are_signed"}
}

// CodeEndsBeforeItBegins is the code of EndsBeforeItBegins.
const CodeEndsBeforeItBegins = "ends_before_it_begins"

// EndsBeforeItBegins: it ends before it begins
// → choose a later end
func EndsBeforeItBegins() Reason {
	return Reason{ReasonCode: "ends_before_it_begins", RemedyCode: "choose_a_later_end"}
}

// CodeEntryOneFile is the code of EntryOneFile.
const CodeEntryOneFile = "entry_one_file"

// EntryOneFile: an entry of a playlist is one file
// → choose a preset
func EntryOneFile() Reason {
	return Reason{ReasonCode: "entry_one_file", RemedyCode: "choose_a_preset"}
}

// CodeEntryOnePicture is the code of EntryOnePicture.
const CodeEntryOnePicture = "entry_one_picture"

// EntryOnePicture: an entry is one picture
// → choose a preset
func EntryOnePicture() Reason {
	return Reason{ReasonCode: "entry_one_picture", RemedyCode: "choose_a_preset"}
}

// CodeEpochCopied is the code of EpochCopied.
const CodeEpochCopied = "epoch_copied"

// EpochCopied: is a copy, or was moved
func EpochCopied() Reason {
	return Reason{ReasonCode: "epoch_copied"}
}

// CodeEpochDeclared is the code of EpochDeclared.
const CodeEpochDeclared = "epoch_declared"

// EpochDeclared: was declared restored by hand
func EpochDeclared() Reason {
	return Reason{ReasonCode: "epoch_declared"}
}

// CodeEpochDiverged is the code of EpochDiverged.
const CodeEpochDiverged = "epoch_diverged"

// EpochDiverged: is older than it was before
func EpochDiverged() Reason {
	return Reason{ReasonCode: "epoch_diverged"}
}

// CodeEpochFailover is the code of EpochFailover.
const CodeEpochFailover = "epoch_failover"

// EpochFailover: went on on another PostgreSQL server, or was recovered to an earlier time
func EpochFailover() Reason {
	return Reason{ReasonCode: "epoch_failover"}
}

// CodeEpochFirst is the code of EpochFirst.
const CodeEpochFirst = "epoch_first"

// EpochFirst: is new
func EpochFirst() Reason {
	return Reason{ReasonCode: "epoch_first"}
}

// CodeEpochRestored is the code of EpochRestored.
const CodeEpochRestored = "epoch_restored"

// EpochRestored: was restored from a backup
func EpochRestored() Reason {
	return Reason{ReasonCode: "epoch_restored"}
}

// CodeErasureNeedsYes is the code of ErasureNeedsYes.
const CodeErasureNeedsYes = "erasure_needs_yes"

// ErasureNeedsYes: erasing {what} can't be undone
// → add --yes when you are sure
func ErasureNeedsYes(what any) Reason {
	return Reason{ReasonCode: "erasure_needs_yes", Params: Params{"what": value(what)}, RemedyCode: "add_yes_when_you_are_sure"}
}

// CodeErasureRecordsLost is the code of ErasureRecordsLost.
const CodeErasureRecordsLost = "erasure_records_lost"

// ErasureRecordsLost: {n} records of erasures can't be read: what they erased may be back
// → see System in the portal, or run vitrine repair; for the records, put erasures/ back from a backup, or erase again what the log names
func ErasureRecordsLost(n any) Reason {
	return Reason{ReasonCode: "erasure_records_lost", Params: Params{"n": value(n)}, RemedyCode: "see_system_in_the_portal_or_run"}
}

// CodeExiftoolCannotWriteFile is the code of ExiftoolCannotWriteFile.
const CodeExiftoolCannotWriteFile = "exiftool_cannot_write_file"

// ExiftoolCannotWriteFile: exiftool can't write metadata into this file: it may be damaged
// → download the original
func ExiftoolCannotWriteFile() Reason {
	return Reason{ReasonCode: "exiftool_cannot_write_file", RemedyCode: "download_the_original"}
}

// CodeExiftoolCannotWriteType is the code of ExiftoolCannotWriteType.
const CodeExiftoolCannotWriteType = "exiftool_cannot_write_type"

// ExiftoolCannotWriteType: this server's exiftool can't write metadata into files of this type
// → install a newer exiftool, or download the original
func ExiftoolCannotWriteType() Reason {
	return Reason{ReasonCode: "exiftool_cannot_write_type", RemedyCode: "install_a_newer_exiftool_or_download"}
}

// CodeExtensionNotMade is the code of ExtensionNotMade.
const CodeExtensionNotMade = "extension_not_made"

// ExtensionNotMade: pictures are not made as .{ext}
// → use {formats}
func ExtensionNotMade(ext, formats any) Reason {
	return Reason{ReasonCode: "extension_not_made", Params: Params{"ext": value(ext), "formats": value(formats)}, RemedyCode: "use_formats"}
}

// CodeFacebookPhotoGone is the code of FacebookPhotoGone.
const CodeFacebookPhotoGone = "facebook_photo_gone"

// FacebookPhotoGone: Facebook no longer has the photo
// → edit the publication, so that it is uploaded again
func FacebookPhotoGone() Reason {
	return Reason{ReasonCode: "facebook_photo_gone", RemedyCode: "edit_to_upload_again"}
}

// CodeFacebookRefusesToken is the code of FacebookRefusesToken.
const CodeFacebookRefusesToken = "facebook_refuses_token"

// FacebookRefusesToken: Facebook refuses the page's token
// → connect the channel again with valid credentials
func FacebookRefusesToken() Reason {
	return Reason{ReasonCode: "facebook_refuses_token", RemedyCode: "connect_again"}
}

// CodeFacetTakesNothing is the code of FacetTakesNothing.
const CodeFacetTakesNothing = "facet_takes_nothing"

// FacetTakesNothing: “{name}” takes nothing after the colon
// → use {name}
func FacetTakesNothing(name any) Reason {
	return Reason{ReasonCode: "facet_takes_nothing", Params: Params{"name": value(name)}, RemedyCode: "use_name"}
}

// CodeFamilyChangedMeanwhile is the code of FamilyChangedMeanwhile.
const CodeFamilyChangedMeanwhile = "family_changed_meanwhile"

// FamilyChangedMeanwhile: somebody changed the family meanwhile: it is at revision {revision}, not {yours}
// → read it again and repeat the edit
func FamilyChangedMeanwhile(revision, yours any) Reason {
	return Reason{ReasonCode: "family_changed_meanwhile", Params: Params{"revision": value(revision), "yours": value(yours)}, RemedyCode: "read_it_again_and_repeat_f"}
}

// CodeFamilyExists is the code of FamilyExists.
const CodeFamilyExists = "family_exists"

// FamilyExists: there is a family {key} already
// → edit it instead
func FamilyExists(key any) Reason {
	return Reason{ReasonCode: "family_exists", Params: Params{"key": value(key)}, RemedyCode: "edit_it_instead"}
}

// CodeFamilyInUse is the code of FamilyInUse.
const CodeFamilyInUse = "family_in_use"

// FamilyInUse: {count} products are of this family
// → give these products another family first
func FamilyInUse(count any) Reason {
	return Reason{ReasonCode: "family_in_use", Params: Params{"count": value(count)}, RemedyCode: "give_products_another_family"}
}

// CodeFamilyKeyForm is the code of FamilyKeyForm.
const CodeFamilyKeyForm = "family_key_form"

// FamilyKeyForm: “{key}” can’t be the key of a family
// → use 1–40 lower-case letters, digits and hyphens, a letter first
func FamilyKeyForm(key any) Reason {
	return Reason{ReasonCode: "family_key_form", Params: Params{"key": value(key)}, RemedyCode: "keys_of_families"}
}

// CodeFieldChangedSince is the code of FieldChangedSince.
const CodeFieldChangedSince = "field_changed_since"

// FieldChangedSince: the field has been changed again since
// → look at the asset's history and edit it by hand
func FieldChangedSince() Reason {
	return Reason{ReasonCode: "field_changed_since", RemedyCode: "look_at_the_assets_history"}
}

// CodeFieldChoiceForm is the code of FieldChoiceForm.
const CodeFieldChoiceForm = "field_choice_form"

// FieldChoiceForm: empty, repeated, longer than 200 characters, or with space around
// → remove or shorten it
func FieldChoiceForm() Reason {
	return Reason{ReasonCode: "field_choice_form", RemedyCode: "remove_or_shorten"}
}

// CodeFieldChoicesUnexpected is the code of FieldChoicesUnexpected.
const CodeFieldChoicesUnexpected = "field_choices_unexpected"

// FieldChoicesUnexpected: only the type choice has choices
// → make the type choice, or leave them out
func FieldChoicesUnexpected() Reason {
	return Reason{ReasonCode: "field_choices_unexpected", RemedyCode: "make_the_type_choice_or_leave"}
}

// CodeFieldDefaultRefers is the code of FieldDefaultRefers.
const CodeFieldDefaultRefers = "field_default_refers"

// FieldDefaultRefers: a field that refers to something has no default
// → leave default out
func FieldDefaultRefers() Reason {
	return Reason{ReasonCode: "field_default_refers", RemedyCode: "leave_default_out"}
}

// CodeFieldDoesNotApply is the code of FieldDoesNotApply.
const CodeFieldDoesNotApply = "field_does_not_apply"

// FieldDoesNotApply: assets of this kind, or outside the field's collections, don't have the field “{key}”
// → leave it out
func FieldDoesNotApply(key any) Reason {
	return Reason{ReasonCode: "field_does_not_apply", Params: Params{"key": value(key)}, RemedyCode: "leave_field_out"}
}

// CodeFieldEditedByOthers is the code of FieldEditedByOthers.
const CodeFieldEditedByOthers = "field_edited_by_others"

// FieldEditedByOthers: only people with certain roles edit the field “{key}”
// → leave it out
func FieldEditedByOthers(key any) Reason {
	return Reason{ReasonCode: "field_edited_by_others", Params: Params{"key": value(key)}, RemedyCode: "leave_field_out"}
}

// CodeFieldGone is the code of FieldGone.
const CodeFieldGone = "field_gone"

// FieldGone: the field is removed; the value stays, unseen
func FieldGone() Reason {
	return Reason{ReasonCode: "field_gone"}
}

// CodeFieldKeyForm is the code of FieldKeyForm.
const CodeFieldKeyForm = "field_key_form"

// FieldKeyForm: “{key}” is not a key
// → use lower-case letters, digits and _, a letter first
func FieldKeyForm(key any) Reason {
	return Reason{ReasonCode: "field_key_form", Params: Params{"key": value(key)}, RemedyCode: "use_lower_case_letters_digits"}
}

// CodeFieldKeyLength is the code of FieldKeyLength.
const CodeFieldKeyLength = "field_key_length"

// FieldKeyLength: a key has 1 to 40 characters
// → for example season
func FieldKeyLength() Reason {
	return Reason{ReasonCode: "field_key_length", RemedyCode: "for_example_season"}
}

// CodeFieldKeyReserved is the code of FieldKeyReserved.
const CodeFieldKeyReserved = "field_key_reserved"

// FieldKeyReserved: “{key}” is already a field of every asset
// → choose another key, such as {key}_name
func FieldKeyReserved(key any) Reason {
	return Reason{ReasonCode: "field_key_reserved", Params: Params{"key": value(key)}, RemedyCode: "choose_another_key_such_as_key"}
}

// CodeFieldKeyTwice is the code of FieldKeyTwice.
const CodeFieldKeyTwice = "field_key_twice"

// FieldKeyTwice: there are two fields “{key}”
// → give one another key
func FieldKeyTwice(key any) Reason {
	return Reason{ReasonCode: "field_key_twice", Params: Params{"key": value(key)}, RemedyCode: "give_one_another_key"}
}

// CodeFieldLabelTooLong is the code of FieldLabelTooLong.
const CodeFieldLabelTooLong = "field_label_too_long"

// FieldLabelTooLong: a label, help or heading is longer than {max} characters
// → shorten it
func FieldLabelTooLong(max any) Reason {
	return Reason{ReasonCode: "field_label_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten"}
}

// CodeFieldListTooLong is the code of FieldListTooLong.
const CodeFieldListTooLong = "field_list_too_long"

// FieldListTooLong: a list has at most {max} values
// → shorten it
func FieldListTooLong(max any) Reason {
	return Reason{ReasonCode: "field_list_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten"}
}

// CodeFieldMemberOfTypes is the code of FieldMemberOfTypes.
const CodeFieldMemberOfTypes = "field_member_of_types"

// FieldMemberOfTypes: a field of this type has no {member}
// → leave it out, or use the type {types}
func FieldMemberOfTypes(member, types any) Reason {
	return Reason{ReasonCode: "field_member_of_types", Params: Params{"member": value(member), "types": value(types)}, RemedyCode: "leave_member_out_or_use_types"}
}

// CodeFieldNotEditable is the code of FieldNotEditable.
const CodeFieldNotEditable = "field_not_editable"

// FieldNotEditable: this field does not exist or can't be edited
// → editable fields: {fields}
func FieldNotEditable(fields any) Reason {
	return Reason{ReasonCode: "field_not_editable", Params: Params{"fields": value(fields)}, RemedyCode: "editable_fields"}
}

// CodeFieldNotMulti is the code of FieldNotMulti.
const CodeFieldNotMulti = "field_not_multi"

// FieldNotMulti: a field of this type can't hold a list
// → leave multi out, or use one of the types {types}
func FieldNotMulti(types any) Reason {
	return Reason{ReasonCode: "field_not_multi", Params: Params{"types": value(types)}, RemedyCode: "leave_multi_out_or_use_types"}
}

// CodeFieldPatternDiffers is the code of FieldPatternDiffers.
const CodeFieldPatternDiffers = "field_pattern_differs"

// FieldPatternDiffers: “{value}” does not match the field's pattern
// → write it as {pattern} asks for
func FieldPatternDiffers(valueOf, pattern any) Reason {
	return Reason{ReasonCode: "field_pattern_differs", Params: Params{"value": value(valueOf), "pattern": value(pattern)}, RemedyCode: "write_it_as_pattern"}
}

// CodeFieldPatternUnreadable is the code of FieldPatternUnreadable.
const CodeFieldPatternUnreadable = "field_pattern_unreadable"

// FieldPatternUnreadable: the pattern can't be used: {err}
// → write an RE2 expression for the whole value, such as [A-Z][A-Z]-\d+
func FieldPatternUnreadable(err any) Reason {
	return Reason{ReasonCode: "field_pattern_unreadable", Params: Params{"err": value(err)}, RemedyCode: "write_an_re2_pattern"}
}

// CodeFieldRequiredToPublish is the code of FieldRequiredToPublish.
const CodeFieldRequiredToPublish = "field_required_to_publish"

// FieldRequiredToPublish: required to approve, and empty: {keys}
// → fill it in
func FieldRequiredToPublish(keys any) Reason {
	return Reason{ReasonCode: "field_required_to_publish", Params: Params{"keys": value(keys)}, RemedyCode: "fill_it_in"}
}

// CodeFieldRequiredToSave is the code of FieldRequiredToSave.
const CodeFieldRequiredToSave = "field_required_to_save"

// FieldRequiredToSave: required to save, and empty: {keys}
// → fill it in
func FieldRequiredToSave(keys any) Reason {
	return Reason{ReasonCode: "field_required_to_save", Params: Params{"keys": value(keys)}, RemedyCode: "fill_it_in"}
}

// CodeFieldRequiredToSubmit is the code of FieldRequiredToSubmit.
const CodeFieldRequiredToSubmit = "field_required_to_submit"

// FieldRequiredToSubmit: required to submit for review, and empty: {keys}
// → fill it in
func FieldRequiredToSubmit(keys any) Reason {
	return Reason{ReasonCode: "field_required_to_submit", Params: Params{"keys": value(keys)}, RemedyCode: "fill_it_in"}
}

// CodeFieldRequiredUnseen is the code of FieldRequiredUnseen.
const CodeFieldRequiredUnseen = "field_required_unseen"

// FieldRequiredUnseen: other people have to fill in fields of it first
// → ask an administrator
func FieldRequiredUnseen() Reason {
	return Reason{ReasonCode: "field_required_unseen", RemedyCode: "ask_an_administrator"}
}

// CodeFieldTakesOneValue is the code of FieldTakesOneValue.
const CodeFieldTakesOneValue = "field_takes_one_value"

// FieldTakesOneValue: this field holds one value, not a list
// → send one string
func FieldTakesOneValue() Reason {
	return Reason{ReasonCode: "field_takes_one_value", RemedyCode: "send_one_string"}
}

// CodeFieldTypeFixed is the code of FieldTypeFixed.
const CodeFieldTypeFixed = "field_type_fixed"

// FieldTypeFixed: the field “{key}” has another type already
// → add a field with another key, or remove this one first
func FieldTypeFixed(key any) Reason {
	return Reason{ReasonCode: "field_type_fixed", Params: Params{"key": value(key)}, RemedyCode: "add_a_field_with_another_key"}
}

// CodeFieldUnseen is the code of FieldUnseen.
const CodeFieldUnseen = "field_unseen"

// FieldUnseen: it is about a field that others see
func FieldUnseen() Reason {
	return Reason{ReasonCode: "field_unseen"}
}

// CodeFieldValueForm is the code of FieldValueForm.
const CodeFieldValueForm = "field_value_form"

// FieldValueForm: a value is a string of at most {max} characters
// → send a string
func FieldValueForm(max any) Reason {
	return Reason{ReasonCode: "field_value_form", Params: Params{"max": value(max)}, RemedyCode: "send_a_string"}
}

// CodeFieldVocabularyFixed is the code of FieldVocabularyFixed.
const CodeFieldVocabularyFixed = "field_vocabulary_fixed"

// FieldVocabularyFixed: the field “{key}” has another vocabulary already
// → add a field with another key, or remove this one first
func FieldVocabularyFixed(key any) Reason {
	return Reason{ReasonCode: "field_vocabulary_fixed", Params: Params{"key": value(key)}, RemedyCode: "add_a_field_with_another_key"}
}

// CodeFieldVocabularyOfTree is the code of FieldVocabularyOfTree.
const CodeFieldVocabularyOfTree = "field_vocabulary_of_tree"

// FieldVocabularyOfTree: a field of the type tree, and no other, has a vocabulary
// → give the type tree a vocabulary, and no other type one
func FieldVocabularyOfTree() Reason {
	return Reason{ReasonCode: "field_vocabulary_of_tree", RemedyCode: "name_its_vocabulary"}
}

// CodeFieldWithoutChoices is the code of FieldWithoutChoices.
const CodeFieldWithoutChoices = "field_without_choices"

// FieldWithoutChoices: there is nothing to choose from
// → list at least one value
func FieldWithoutChoices() Reason {
	return Reason{ReasonCode: "field_without_choices", RemedyCode: "list_at_least_one_value"}
}

// CodeFileEmpty is the code of FileEmpty.
const CodeFileEmpty = "file_empty"

// FileEmpty: the file is empty
// → check the source; an interrupted copy often leaves an empty file
func FileEmpty() Reason {
	return Reason{ReasonCode: "file_empty", RemedyCode: "check_the_source"}
}

// CodeFileLeftover is the code of FileLeftover.
const CodeFileLeftover = "file_leftover"

// FileLeftover: {name} is a file that a program leaves behind, or a sidecar without its picture
// → leave it out; if it is meant to be kept, give it another extension
func FileLeftover(name any) Reason {
	return Reason{ReasonCode: "file_leftover", Params: Params{"name": value(name)}, RemedyCode: "leave_it_out_or_rename_it"}
}

// CodeFileMissing is the code of FileMissing.
const CodeFileMissing = "file_missing"

// FileMissing: there is no file
// → send it as the multipart field “file”: curl -F file=@photo.jpg
func FileMissing() Reason {
	return Reason{ReasonCode: "file_missing", RemedyCode: "send_it_as_the_multipart_field"}
}

// CodeFileNameNeeded is the code of FileNameNeeded.
const CodeFileNameNeeded = "file_name_needed"

// FileNameNeeded: a file name is needed
// → send Upload-Metadata: filename <base64>
func FileNameNeeded() Reason {
	return Reason{ReasonCode: "file_name_needed", RemedyCode: "send_upload_metadata"}
}

// CodeFileNotInPlaylist is the code of FileNotInPlaylist.
const CodeFileNotInPlaylist = "file_not_in_playlist"

// FileNotInPlaylist: this file is not in the playlist
// → read the feed again
func FileNotInPlaylist() Reason {
	return Reason{ReasonCode: "file_not_in_playlist", RemedyCode: "read_the_feed_again"}
}

// CodeFileNotKept is the code of FileNotKept.
const CodeFileNotKept = "file_not_kept"

// FileNotKept: the server could not keep the file while it came in
// → try again; if it persists, give the administrator the request id
func FileNotKept() Reason {
	return Reason{ReasonCode: "file_not_kept", RemedyCode: "try_again_or_give_request_id"}
}

// CodeFileOverBytes is the code of FileOverBytes.
const CodeFileOverBytes = "file_over_bytes"

// FileOverBytes: {preset} has {n} of {max} bytes
func FileOverBytes(preset, n, max any) Reason {
	return Reason{ReasonCode: "file_over_bytes", Params: Params{"preset": value(preset), "n": value(n), "max": value(max)}}
}

// CodeFileOverChannelLimit is the code of FileOverChannelLimit.
const CodeFileOverChannelLimit = "file_over_channel_limit"

// FileOverChannelLimit: the file has {size} of {max} bytes
// → choose a smaller preset
func FileOverChannelLimit(size, max any) Reason {
	return Reason{ReasonCode: "file_over_channel_limit", Params: Params{"size": value(size), "max": value(max)}, RemedyCode: "choose_a_smaller_preset"}
}

// CodeFileTwice is the code of FileTwice.
const CodeFileTwice = "file_twice"

// FileTwice: a file is named twice, or has no asset
// → name each file once, in files
func FileTwice() Reason {
	return Reason{ReasonCode: "file_twice", RemedyCode: "name_the_files_once"}
}

// CodeFileUnreadableByProgram is the code of FileUnreadableByProgram.
const CodeFileUnreadableByProgram = "file_unreadable_by_program"

// FileUnreadableByProgram: the file is damaged, or not of a kind that {program} can read
// → export it again from the program that made it; the original can be downloaded
func FileUnreadableByProgram(program any) Reason {
	return Reason{ReasonCode: "file_unreadable_by_program", Params: Params{"program": value(program)}, RemedyCode: "export_again_from_program"}
}

// CodeFileWithoutPage is the code of FileWithoutPage.
const CodeFileWithoutPage = "file_without_page"

// FileWithoutPage: the file has no such page
// → pages are counted from 1; the version says how many there are
func FileWithoutPage() Reason {
	return Reason{ReasonCode: "file_without_page", RemedyCode: "pages_count_from_one"}
}

// CodeFilesNeverTogether is the code of FilesNeverTogether.
const CodeFilesNeverTogether = "files_never_together"

// FilesNeverTogether: there is no time at which the rights of all files allow it
// → choose other files
func FilesNeverTogether() Reason {
	return Reason{ReasonCode: "files_never_together", RemedyCode: "choose_other_files"}
}

// CodeFilesStay is the code of FilesStay.
const CodeFilesStay = "files_stay"

// FilesStay: the files of a post of several stay as they were planned
// → recall it and plan it anew
func FilesStay() Reason {
	return Reason{ReasonCode: "files_stay", RemedyCode: "recall_and_plan_anew"}
}

// CodeFilmCancelled is the code of FilmCancelled.
const CodeFilmCancelled = "film_cancelled"

// FilmCancelled: the making of “{preset}” was cancelled
// → make the asset's renditions again
func FilmCancelled(preset any) Reason {
	return Reason{ReasonCode: "film_cancelled", Params: Params{"preset": value(preset)}, RemedyCode: "make_the_assets_renditions_again"}
}

// CodeFilmDamaged is the code of FilmDamaged.
const CodeFilmDamaged = "film_damaged"

// FilmDamaged: the file is damaged or cut off before its end
// → export it again, or copy it again from the camera; the original can be downloaded
func FilmDamaged() Reason {
	return Reason{ReasonCode: "film_damaged", RemedyCode: "export_it_again_or_copy"}
}

// CodeFilmFailed is the code of FilmFailed.
const CodeFilmFailed = "film_failed"

// FilmFailed: the server could not make it; an administrator finds the reason under System
func FilmFailed() Reason {
	return Reason{ReasonCode: "film_failed"}
}

// CodeFilmNotMade is the code of FilmNotMade.
const CodeFilmNotMade = "film_not_made"

// FilmNotMade: the preset “{preset}” could not be made: {why}
// → mend what it says, then make the asset's renditions again
func FilmNotMade(preset, why any) Reason {
	return Reason{ReasonCode: "film_not_made", Params: Params{"preset": value(preset), "why": value(why)}, RemedyCode: "mend_what_it_says_then_make"}
}

// CodeFilmStandsAlone is the code of FilmStandsAlone.
const CodeFilmStandsAlone = "film_stands_alone"

// FilmStandsAlone: {format} is the only format of its preset
// → make a second preset for pictures
func FilmStandsAlone(format any) Reason {
	return Reason{ReasonCode: "film_stands_alone", Params: Params{"format": value(format)}, RemedyCode: "make_a_second_preset_for_pictures"}
}

// CodeFilmTooLong is the code of FilmTooLong.
const CodeFilmTooLong = "film_too_long"

// FilmTooLong: {preset} lasts {duration:number} of {max:number} s
func FilmTooLong(preset, duration, max any) Reason {
	return Reason{ReasonCode: "film_too_long", Params: Params{"preset": value(preset), "duration": value(duration), "max": value(max)}}
}

// CodeFilmTooShort is the code of FilmTooShort.
const CodeFilmTooShort = "film_too_short"

// FilmTooShort: {preset} lasts {duration:number} s, less than {min:number}
func FilmTooShort(preset, duration, min any) Reason {
	return Reason{ReasonCode: "film_too_short", Params: Params{"preset": value(preset), "duration": value(duration), "min": value(min)}}
}

// CodeFirstPageOnly is the code of FirstPageOnly.
const CodeFirstPageOnly = "first_page_only"

// FirstPageOnly: only the first page is shown
func FirstPageOnly() Reason {
	return Reason{ReasonCode: "first_page_only"}
}

// CodeFocalPointRange is the code of FocalPointRange.
const CodeFocalPointRange = "focal_point_range"

// FocalPointRange: x and y are fractions from 0 to 1 of the picture's width and height
// → 0.5, 0.5 is the centre
func FocalPointRange() Reason {
	return Reason{ReasonCode: "focal_point_range", RemedyCode: "centre_is_half"}
}

// CodeFolderAndBucket is the code of FolderAndBucket.
const CodeFolderAndBucket = "folder_and_bucket"

// FolderAndBucket: a channel goes to a folder or to a bucket, not to both
// → clear one of them
func FolderAndBucket() Reason {
	return Reason{ReasonCode: "folder_and_bucket", RemedyCode: "clear_one_of_them"}
}

// CodeFolderInUse is the code of FolderInUse.
const CodeFolderInUse = "folder_in_use"

// FolderInUse: another server is running on {data}
// → stop it, or give this one a folder of its own with --data
func FolderInUse(data any) Reason {
	return Reason{ReasonCode: "folder_in_use", Params: Params{"data": value(data)}, RemedyCode: "stop_or_use_other_folder"}
}

// CodeFolderNotAllowed is the code of FolderNotAllowed.
const CodeFolderNotAllowed = "folder_not_allowed"

// FolderNotAllowed: channels may not write there
// → choose a folder inside {folders}
func FolderNotAllowed(folders any) Reason {
	return Reason{ReasonCode: "folder_not_allowed", Params: Params{"folders": value(folders)}, RemedyCode: "choose_a_folder_inside_folders"}
}

// CodeFolderNotWritable is the code of FolderNotWritable.
const CodeFolderNotWritable = "folder_not_writable"

// FolderNotWritable: the server may not write to this folder
// → connect the channel again with valid credentials
func FolderNotWritable() Reason {
	return Reason{ReasonCode: "folder_not_writable", RemedyCode: "connect_again"}
}

// CodeFolderRemoved is the code of FolderRemoved.
const CodeFolderRemoved = "folder_removed"

// FolderRemoved: removed {dir}
func FolderRemoved(dir any) Reason {
	return Reason{ReasonCode: "folder_removed", Params: Params{"dir": value(dir)}}
}

// CodeFormFieldTooLong is the code of FormFieldTooLong.
const CodeFormFieldTooLong = "form_field_too_long"

// FormFieldTooLong: longer than {max} bytes
// → shorten it
func FormFieldTooLong(max any) Reason {
	return Reason{ReasonCode: "form_field_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten_f"}
}

// CodeFormatNotTaken is the code of FormatNotTaken.
const CodeFormatNotTaken = "format_not_taken"

// FormatNotTaken: {format} is not taken
func FormatNotTaken(format any) Reason {
	return Reason{ReasonCode: "format_not_taken", Params: Params{"format": value(format)}}
}

// CodeFormatRefused is the code of FormatRefused.
const CodeFormatRefused = "format_refused"

// FormatRefused: {format}: {why}
func FormatRefused(format, why any) Reason {
	return Reason{ReasonCode: "format_refused", Params: Params{"format": value(format), "why": value(why)}}
}

// CodeFormatTwice is the code of FormatTwice.
const CodeFormatTwice = "format_twice"

// FormatTwice: {format} is there twice
// → keep one of them
func FormatTwice(format any) Reason {
	return Reason{ReasonCode: "format_twice", Params: Params{"format": value(format)}, RemedyCode: "keep_one_of_them"}
}

// CodeFrameRateRange is the code of FrameRateRange.
const CodeFrameRateRange = "frame_rate_range"

// FrameRateRange: 1–120 frames a second
// → leave it out to keep the original's
func FrameRateRange() Reason {
	return Reason{ReasonCode: "frame_rate_range", RemedyCode: "leave_it_out_to_keep"}
}

// CodeGenerationsNotCountable is the code of GenerationsNotCountable.
const CodeGenerationsNotCountable = "generations_not_countable"

// GenerationsNotCountable: {last} generations can't be kept
// → write how many of the newest stay, 1 or more; leave it out to keep all
func GenerationsNotCountable(last any) Reason {
	return Reason{ReasonCode: "generations_not_countable", Params: Params{"last": value(last)}, RemedyCode: "write_how_many_of_the_newest"}
}

// CodeGoneAlready is the code of GoneAlready.
const CodeGoneAlready = "gone_already"

// GoneAlready: it was gone already
func GoneAlready() Reason {
	return Reason{ReasonCode: "gone_already"}
}

// CodeGraceNegative is the code of GraceNegative.
const CodeGraceNegative = "grace_negative"

// GraceNegative: a grace is not negative
// → leave it out for 15 minutes
func GraceNegative() Reason {
	return Reason{ReasonCode: "grace_negative", RemedyCode: "leave_it_out_for_15_minutes"}
}

// CodeGrantExists is the code of GrantExists.
const CodeGrantExists = "grant_exists"

// GrantExists: this role was granted there already
func GrantExists() Reason {
	return Reason{ReasonCode: "grant_exists"}
}

// CodeGrantHolderUnknown is the code of GrantHolderUnknown.
const CodeGrantHolderUnknown = "grant_holder_unknown"

// GrantHolderUnknown: there is no person, token or group {id} here
func GrantHolderUnknown(id any) Reason {
	return Reason{ReasonCode: "grant_holder_unknown", Params: Params{"id": value(id)}}
}

// CodeGroupHoldsGrants is the code of GroupHoldsGrants.
const CodeGroupHoldsGrants = "group_holds_grants"

// GroupHoldsGrants: the group still has {count} grants and {members} members
func GroupHoldsGrants(count, members any) Reason {
	return Reason{ReasonCode: "group_holds_grants", Params: Params{"count": value(count), "members": value(members)}}
}

// CodeGtinCheckDigit is the code of GtinCheckDigit.
const CodeGtinCheckDigit = "gtin_check_digit"

// GtinCheckDigit: the check digit of {gtin:q} is wrong
// → it would be {want}; compare the number with the barcode
func GtinCheckDigit(gtin, want any) Reason {
	return Reason{ReasonCode: "gtin_check_digit", Params: Params{"gtin": value(gtin), "want": value(want)}, RemedyCode: "it_would_be_want"}
}

// CodeGtinDigits is the code of GtinDigits.
const CodeGtinDigits = "gtin_digits"

// GtinDigits: {gtin:q} has {count} digits
// → a GTIN has 8, 12, 13 or 14; spreadsheets often drop leading zeros
func GtinDigits(gtin, count any) Reason {
	return Reason{ReasonCode: "gtin_digits", Params: Params{"gtin": value(gtin), "count": value(count)}, RemedyCode: "a_gtin_has_8_12_13"}
}

// CodeGtinNotDigits is the code of GtinNotDigits.
const CodeGtinNotDigits = "gtin_not_digits"

// GtinNotDigits: {gtin:q} is not made of digits
// → a GTIN has 8, 12, 13 or 14 digits
func GtinNotDigits(gtin any) Reason {
	return Reason{ReasonCode: "gtin_not_digits", Params: Params{"gtin": value(gtin)}, RemedyCode: "enter_a_gtin"}
}

// CodeGtinTooLong is the code of GtinTooLong.
const CodeGtinTooLong = "gtin_too_long"

// GtinTooLong: longer than 100 characters
// → send the digits of an EAN or UPC
func GtinTooLong() Reason {
	return Reason{ReasonCode: "gtin_too_long", RemedyCode: "send_the_digits_of_an_ean"}
}

// CodeHeaderOneLine is the code of HeaderOneLine.
const CodeHeaderOneLine = "header_one_line"

// HeaderOneLine: a header has one line
// → remove the line break
func HeaderOneLine() Reason {
	return Reason{ReasonCode: "header_one_line", RemedyCode: "remove_the_line_break"}
}

// CodeHeaderSentTwice is the code of HeaderSentTwice.
const CodeHeaderSentTwice = "header_sent_twice"

// HeaderSentTwice: the header was sent more than once
// → send Upload-Metadata once, as: filename <base64>,asset <base64>
func HeaderSentTwice() Reason {
	return Reason{ReasonCode: "header_sent_twice", RemedyCode: "send_upload_metadata_once"}
}

// CodeHeldErasure is the code of HeldErasure.
const CodeHeldErasure = "held_erasure"

// HeldErasure: the catalogue {words}: the record of an erasure in {store} makes every server that uses that store erase the same
// → see vitrine hold status; erase with --during-hold when it is to be erased everywhere
func HeldErasure(words, store any) Reason {
	return Reason{ReasonCode: "held_erasure", Params: Params{"words": value(words), "store": value(store)}, RemedyCode: "see_vitrine_hold_status_erase"}
}

// CodeHeldNothingDeleted is the code of HeldNothingDeleted.
const CodeHeldNothingDeleted = "held_nothing_deleted"

// HeldNothingDeleted: nothing is deleted while the server holds: what this catalogue doesn't know, the server that it is a copy of may need
// → release the hold first, or adopt
func HeldNothingDeleted() Reason {
	return Reason{ReasonCode: "held_nothing_deleted", RemedyCode: "release_the_hold_first_or_adopt"}
}

// CodeHeldNothingStoredChanges is the code of HeldNothingStoredChanges.
const CodeHeldNothingStoredChanges = "held_nothing_stored_changes"

// HeldNothingStoredChanges: the catalogue {words}, and while the server holds it changes and deletes nothing that is stored, for another server may use the same store
// → see vitrine hold status; it goes on after vitrine hold release
func HeldNothingStoredChanges(words any) Reason {
	return Reason{ReasonCode: "held_nothing_stored_changes", Params: Params{"words": value(words)}, RemedyCode: "see_hold_status"}
}

// CodeHeldOrphansStay is the code of HeldOrphansStay.
const CodeHeldOrphansStay = "held_orphans_stay"

// HeldOrphansStay: the catalogue {words}: nothing was changed in {store}, which another server may use
// → nothing is deleted during a hold: release the hold first, or adopt the orphans with --during-hold
func HeldOrphansStay(words, store any) Reason {
	return Reason{ReasonCode: "held_orphans_stay", Params: Params{"words": value(words), "store": value(store)}, RemedyCode: "nothing_is_deleted_during_a_hold"}
}

// CodeHeldStoreUnchanged is the code of HeldStoreUnchanged.
const CodeHeldStoreUnchanged = "held_store_unchanged"

// HeldStoreUnchanged: the catalogue {words}: nothing was changed in {store}, which another server may use
// → see vitrine hold status; add --during-hold when you know that these objects are to be changed there all the same
func HeldStoreUnchanged(words, store any) Reason {
	return Reason{ReasonCode: "held_store_unchanged", Params: Params{"words": value(words), "store": value(store)}, RemedyCode: "see_vitrine_hold_status"}
}

// CodeHoldBy is the code of HoldBy.
const CodeHoldBy = "hold_by"

// HoldBy: {why} by {by}
func HoldBy(why, by any) Reason {
	return Reason{ReasonCode: "hold_by", Params: Params{"why": value(why), "by": value(by)}}
}

// CodeHoldNotTheOneSeen is the code of HoldNotTheOneSeen.
const CodeHoldNotTheOneSeen = "hold_not_the_one_seen"

// HoldNotTheOneSeen: nothing is held any more, or for another reason than the one you saw
// → look at the hold again
func HoldNotTheOneSeen() Reason {
	return Reason{ReasonCode: "hold_not_the_one_seen", RemedyCode: "look_at_the_hold_again"}
}

// CodeHoldNoted is the code of HoldNoted.
const CodeHoldNoted = "hold_noted"

// HoldNoted: {why} ({note})
func HoldNoted(why, note any) Reason {
	return Reason{ReasonCode: "hold_noted", Params: Params{"why": value(why), "note": value(note)}}
}

// CodeHoldRemovedByDatabase is the code of HoldRemovedByDatabase.
const CodeHoldRemovedByDatabase = "hold_removed_by_database"

// HoldRemovedByDatabase: the hold was written and is not there: something in the database removes it
// → look for triggers and views, which Vitrine's schema has none of
func HoldRemovedByDatabase() Reason {
	return Reason{ReasonCode: "hold_removed_by_database", RemedyCode: "look_for_triggers_and_views_which"}
}

// CodeHoldsControlCharacter is the code of HoldsControlCharacter.
const CodeHoldsControlCharacter = "holds_control_character"

// HoldsControlCharacter: it holds the control character U+{character}
// → take it out
func HoldsControlCharacter(character any) Reason {
	return Reason{ReasonCode: "holds_control_character", Params: Params{"character": value(character)}, RemedyCode: "take_it_out"}
}

// CodeHoldsTabOrNewline is the code of HoldsTabOrNewline.
const CodeHoldsTabOrNewline = "holds_tab_or_newline"

// HoldsTabOrNewline: it holds a tab or the end of a line
// → write it in one line
func HoldsTabOrNewline() Reason {
	return Reason{ReasonCode: "holds_tab_or_newline", RemedyCode: "write_it_in_one_line"}
}

// CodeHostKeyDiffers is the code of HostKeyDiffers.
const CodeHostKeyDiffers = "host_key_differs"

// HostKeyDiffers: the server shows the key {shown}, not {want}
// → compare it with what the server's operator tells you, then enter it; a key that changed by itself may be another server
func HostKeyDiffers(shown, want any) Reason {
	return Reason{ReasonCode: "host_key_differs", Params: Params{"shown": value(shown), "want": value(want)}, RemedyCode: "compare_it_with_what_the_servers"}
}

// CodeHostTaken is the code of HostTaken.
const CodeHostTaken = "host_taken"

// HostTaken: the host {host} is another library’s
// → take it from that library first
func HostTaken(host any) Reason {
	return Reason{ReasonCode: "host_taken", Params: Params{"host": value(host)}, RemedyCode: "take_it_from_there_first"}
}

// CodeIdempotencyKeyForm is the code of IdempotencyKeyForm.
const CodeIdempotencyKeyForm = "idempotency_key_form"

// IdempotencyKeyForm: a key is 1 to 255 visible ASCII characters
// → a random UUID is a good key
func IdempotencyKeyForm() Reason {
	return Reason{ReasonCode: "idempotency_key_form", RemedyCode: "a_random_uuid_is_a_good"}
}

// CodeIdempotencyKeyReused is the code of IdempotencyKeyReused.
const CodeIdempotencyKeyReused = "idempotency_key_reused"

// IdempotencyKeyReused: this key was used for a different request
// → use a fresh key for a new request
func IdempotencyKeyReused() Reason {
	return Reason{ReasonCode: "idempotency_key_reused", RemedyCode: "use_a_fresh_key"}
}

// CodeIdsAndQuery is the code of IdsAndQuery.
const CodeIdsAndQuery = "ids_and_query"

// IdsAndQuery: assets are named by id and searched for at once
// → do one or the other
func IdsAndQuery() Reason {
	return Reason{ReasonCode: "ids_and_query", RemedyCode: "do_one_or_the_other"}
}

// CodeImportEmpty is the code of ImportEmpty.
const CodeImportEmpty = "import_empty"

// ImportEmpty: the file is empty
// → send CSV with a first line that names the columns, or a line of JSON for each product
func ImportEmpty() Reason {
	return Reason{ReasonCode: "import_empty", RemedyCode: "send_csv_with_a_first_line"}
}

// CodeImportFailed is the code of ImportFailed.
const CodeImportFailed = "import_failed"

// ImportFailed: {problem}
func ImportFailed(problem any) Reason {
	return Reason{ReasonCode: "import_failed", Params: Params{"problem": value(problem)}}
}

// CodeImportHeaderUnreadable is the code of ImportHeaderUnreadable.
const CodeImportHeaderUnreadable = "import_header_unreadable"

// ImportHeaderUnreadable: the first line can't be read: {err}
// → its first line names the columns: sku, gtin, name_en, …
func ImportHeaderUnreadable(err any) Reason {
	return Reason{ReasonCode: "import_header_unreadable", Params: Params{"err": value(err)}, RemedyCode: "its_first_line_names_the_columns"}
}

// CodeImportLineTooLong is the code of ImportLineTooLong.
const CodeImportLineTooLong = "import_line_too_long"

// ImportLineTooLong: line {line} is longer than a mebibyte
// → send one JSON object a line
func ImportLineTooLong(line any) Reason {
	return Reason{ReasonCode: "import_line_too_long", Params: Params{"line": value(line)}, RemedyCode: "send_one_json_object_a_line"}
}

// CodeImportMediaType is the code of ImportMediaType.
const CodeImportMediaType = "import_media_type"

// ImportMediaType: this media type is not understood
// → send text/csv, or application/jsonl with a line of JSON for each product
func ImportMediaType() Reason {
	return Reason{ReasonCode: "import_media_type", RemedyCode: "send_text_csv_or_application_jsonl"}
}

// CodeImportNotFinished is the code of ImportNotFinished.
const CodeImportNotFinished = "import_not_finished"

// ImportNotFinished: The import could not be finished; an administrator finds the reason under System.
func ImportNotFinished() Reason {
	return Reason{ReasonCode: "import_not_finished"}
}

// CodeImportNotInEncoding is the code of ImportNotInEncoding.
const CodeImportNotInEncoding = "import_not_in_encoding"

// ImportNotInEncoding: the file has bytes that are no characters in {encoding}
// → name another encoding, or save it as “CSV UTF-8”
func ImportNotInEncoding(encoding any) Reason {
	return Reason{ReasonCode: "import_not_in_encoding", Params: Params{"encoding": value(encoding)}, RemedyCode: "name_its_encoding_or_save_utf8"}
}

// CodeImportNotUtf8 is the code of ImportNotUtf8.
const CodeImportNotUtf8 = "import_not_utf8"

// ImportNotUtf8: the file is not UTF-8; it looks like {encoding}
// → send it again with encoding={encoding}, or save it as “CSV UTF-8”
func ImportNotUtf8(encoding any) Reason {
	return Reason{ReasonCode: "import_not_utf8", Params: Params{"encoding": value(encoding)}, RemedyCode: "send_again_with_encoding"}
}

// CodeImportRefused is the code of ImportRefused.
const CodeImportRefused = "import_refused"

// ImportRefused: {why}: {why.remedy}
func ImportRefused(why any) Reason {
	return Reason{ReasonCode: "import_refused", Params: Params{"why": value(why)}}
}

// CodeImportRowTooLong is the code of ImportRowTooLong.
const CodeImportRowTooLong = "import_row_too_long"

// ImportRowTooLong: a row is longer than a mebibyte
// → look for a quote that is not closed
func ImportRowTooLong() Reason {
	return Reason{ReasonCode: "import_row_too_long", RemedyCode: "close_the_quote"}
}

// CodeImportTooLarge is the code of ImportTooLarge.
const CodeImportTooLarge = "import_too_large"

// ImportTooLarge: larger than a gibibyte
// → send it in parts
func ImportTooLarge() Reason {
	return Reason{ReasonCode: "import_too_large", RemedyCode: "send_it_in_parts"}
}

// CodeImportWithoutHeader is the code of ImportWithoutHeader.
const CodeImportWithoutHeader = "import_without_header"

// ImportWithoutHeader: the file is empty
// → its first line names the columns: sku, gtin, name_en, …
func ImportWithoutHeader() Reason {
	return Reason{ReasonCode: "import_without_header", RemedyCode: "its_first_line_names_the_columns"}
}

// CodeImportWithoutRows is the code of ImportWithoutRows.
const CodeImportWithoutRows = "import_without_rows"

// ImportWithoutRows: the file has no rows
// → check that its lines end where rows end, and that it holds a row below the names of the columns
func ImportWithoutRows() Reason {
	return Reason{ReasonCode: "import_without_rows", RemedyCode: "send_csv_with_rows"}
}

// CodeInDocument is the code of InDocument.
const CodeInDocument = "in_document"

// InDocument: document {n} ({name}): {why}
// → {why.remedy}
func InDocument(n, name, why any) Reason {
	return Reason{ReasonCode: "in_document", Params: Params{"n": value(n), "name": value(name), "why": value(why)}, RemedyCode: "of_the_cause"}
}

// CodeInField is the code of InField.
const CodeInField = "in_field"

// InField: {field:field}: {why}
func InField(field, why any) Reason {
	return Reason{ReasonCode: "in_field", Params: Params{"field": value(field), "why": value(why)}}
}

// CodeInLine is the code of InLine.
const CodeInLine = "in_line"

// InLine: line {n}: {why}
// → {why.remedy}
func InLine(n, why any) Reason {
	return Reason{ReasonCode: "in_line", Params: Params{"n": value(n), "why": value(why)}, RemedyCode: "of_the_cause"}
}

// CodeInNoGrantedCollection is the code of InNoGrantedCollection.
const CodeInNoGrantedCollection = "in_no_granted_collection"

// InNoGrantedCollection: the asset is in no collection that was granted
// → put it into such a collection, or grant the role on one that it is in
func InNoGrantedCollection() Reason {
	return Reason{ReasonCode: "in_no_granted_collection", RemedyCode: "put_it_into_a_granted_collection"}
}

// CodeIndexBuilding is the code of IndexBuilding.
const CodeIndexBuilding = "index_building"

// IndexBuilding: {progress}
// → wait; everything but search goes on
func IndexBuilding(progress any) Reason {
	return Reason{ReasonCode: "index_building", Params: Params{"progress": value(progress)}, RemedyCode: "wait_for_index"}
}

// CodeIndexClosed is the code of IndexClosed.
const CodeIndexClosed = "index_closed"

// IndexClosed: the search index is closed
func IndexClosed() Reason {
	return Reason{ReasonCode: "index_closed"}
}

// CodeIndexDiskFull is the code of IndexDiskFull.
const CodeIndexDiskFull = "index_disk_full"

// IndexDiskFull: {notice}
// → make room on the disk of the index
func IndexDiskFull(notice any) Reason {
	return Reason{ReasonCode: "index_disk_full", Params: Params{"notice": value(notice)}, RemedyCode: "make_room_on_the_disk"}
}

// CodeIndexDiskFullSearch is the code of IndexDiskFullSearch.
const CodeIndexDiskFullSearch = "index_disk_full_search"

// IndexDiskFullSearch: {notice}
// → an administrator has to make room on the disk of the index; it goes on by itself
func IndexDiskFullSearch(notice any) Reason {
	return Reason{ReasonCode: "index_disk_full_search", Params: Params{"notice": value(notice)}, RemedyCode: "have_room_made_for_index"}
}

// CodeIndexDiskFullWaiting is the code of IndexDiskFullWaiting.
const CodeIndexDiskFullWaiting = "index_disk_full_waiting"

// IndexDiskFullWaiting: {notice}
// → make room on the disk of the index; it goes on by itself
func IndexDiskFullWaiting(notice any) Reason {
	return Reason{ReasonCode: "index_disk_full_waiting", Params: Params{"notice": value(notice)}, RemedyCode: "make_room_for_index"}
}

// CodeIndexInUse is the code of IndexInUse.
const CodeIndexInUse = "index_in_use"

// IndexInUse: another server uses the search index in {dir}
// → stop it, or give each server its own data directory
func IndexInUse(dir any) Reason {
	return Reason{ReasonCode: "index_in_use", Params: Params{"dir": value(dir)}, RemedyCode: "stop_it_or_give_each_server"}
}

// CodeIndexRebuilding is the code of IndexRebuilding.
const CodeIndexRebuilding = "index_rebuilding"

// IndexRebuilding: the search index is being rebuilt already
func IndexRebuilding() Reason {
	return Reason{ReasonCode: "index_rebuilding"}
}

// CodeInstagramCannotDelete is the code of InstagramCannotDelete.
const CodeInstagramCannotDelete = "instagram_cannot_delete"

// InstagramCannotDelete: Instagram has no call that deletes a post
// → delete {url} in the app, then confirm that it is gone
func InstagramCannotDelete(url any) Reason {
	return Reason{ReasonCode: "instagram_cannot_delete", Params: Params{"url": value(url)}, RemedyCode: "delete_url_in_app_and_confirm"}
}

// CodeInstagramPictureUnusable is the code of InstagramPictureUnusable.
const CodeInstagramPictureUnusable = "instagram_picture_unusable"

// InstagramPictureUnusable: Instagram can't use the picture: {why}
// → choose another preset, then retry
func InstagramPictureUnusable(why any) Reason {
	return Reason{ReasonCode: "instagram_picture_unusable", Params: Params{"why": value(why)}, RemedyCode: "choose_another_preset_and_retry"}
}

// CodeInstagramRefusesToken is the code of InstagramRefusesToken.
const CodeInstagramRefusesToken = "instagram_refuses_token"

// InstagramRefusesToken: Instagram refuses the page's token
// → connect the channel again with valid credentials
func InstagramRefusesToken() Reason {
	return Reason{ReasonCode: "instagram_refuses_token", RemedyCode: "connect_again"}
}

// CodeInstagramRestrictsAccount is the code of InstagramRestrictsAccount.
const CodeInstagramRestrictsAccount = "instagram_restricts_account"

// InstagramRestrictsAccount: Instagram restricts the account: {said}
// → connect the channel again with valid credentials
func InstagramRestrictsAccount(said any) Reason {
	return Reason{ReasonCode: "instagram_restricts_account", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodeInstantInFuture is the code of InstantInFuture.
const CodeInstantInFuture = "instant_in_future"

// InstantInFuture: this is in the future
// → ask about the past, or leave it out
func InstantInFuture() Reason {
	return Reason{ReasonCode: "instant_in_future", RemedyCode: "ask_about_the_past_or_leave"}
}

// CodeInvalidJson is the code of InvalidJson.
const CodeInvalidJson = "invalid_json"

// InvalidJson: not valid JSON
// → check quotes and brackets
func InvalidJson() Reason {
	return Reason{ReasonCode: "invalid_json", RemedyCode: "check_quotes_and_brackets"}
}

// CodeItsSeriesEnded is the code of ItsSeriesEnded.
const CodeItsSeriesEnded = "its_series_ended"

// ItsSeriesEnded: its series was ended
func ItsSeriesEnded() Reason {
	return Reason{ReasonCode: "its_series_ended"}
}

// CodeJobAuthorLostAccess is the code of JobAuthorLostAccess.
const CodeJobAuthorLostAccess = "job_author_lost_access"

// JobAuthorLostAccess: whoever began this has no access to the library any more
// → begin it again as somebody who has
func JobAuthorLostAccess() Reason {
	return Reason{ReasonCode: "job_author_lost_access", RemedyCode: "begin_it_again_as_somebody_who"}
}

// CodeJobChangedNothing is the code of JobChangedNothing.
const CodeJobChangedNothing = "job_changed_nothing"

// JobChangedNothing: the job has changed nothing
// → there is nothing to undo
func JobChangedNothing() Reason {
	return Reason{ReasonCode: "job_changed_nothing", RemedyCode: "there_is_nothing_to_undo"}
}

// CodeJobHasEnded is the code of JobHasEnded.
const CodeJobHasEnded = "job_has_ended"

// JobHasEnded: the job has ended
// → undo it if it should not have been
func JobHasEnded() Reason {
	return Reason{ReasonCode: "job_has_ended", RemedyCode: "undo_it_if_it_should_not"}
}

// CodeJobIsAnUndo is the code of JobIsAnUndo.
const CodeJobIsAnUndo = "job_is_an_undo"

// JobIsAnUndo: this job is itself an undo
// → start the first change again
func JobIsAnUndo() Reason {
	return Reason{ReasonCode: "job_is_an_undo", RemedyCode: "start_the_first_change_again"}
}

// CodeJobRunsCancelFirst is the code of JobRunsCancelFirst.
const CodeJobRunsCancelFirst = "job_runs_cancel_first"

// JobRunsCancelFirst: the job still runs
// → cancel it first
func JobRunsCancelFirst() Reason {
	return Reason{ReasonCode: "job_runs_cancel_first", RemedyCode: "cancel_it_first"}
}

// CodeJobStillRuns is the code of JobStillRuns.
const CodeJobStillRuns = "job_still_runs"

// JobStillRuns: the job still runs
// → wait for its end, or cancel it
func JobStillRuns() Reason {
	return Reason{ReasonCode: "job_still_runs", RemedyCode: "wait_for_its_end_or_cancel"}
}

// CodeJobUndoTooLate is the code of JobUndoTooLate.
const CodeJobUndoTooLate = "job_undo_too_late"

// JobUndoTooLate: a job can be undone for ten minutes
// → start a job that changes the assets back
func JobUndoTooLate() Reason {
	return Reason{ReasonCode: "job_undo_too_late", RemedyCode: "start_a_job_that_changes"}
}

// CodeJobUndoneAlready is the code of JobUndoneAlready.
const CodeJobUndoneAlready = "job_undone_already"

// JobUndoneAlready: the job has been undone already
// → see {undone_by}
func JobUndoneAlready(undoneBy any) Reason {
	return Reason{ReasonCode: "job_undone_already", Params: Params{"undone_by": value(undoneBy)}, RemedyCode: "see_undone"}
}

// CodeJobWasUndone is the code of JobWasUndone.
const CodeJobWasUndone = "job_was_undone"

// JobWasUndone: the job has been undone
// → start a new one
func JobWasUndone() Reason {
	return Reason{ReasonCode: "job_was_undone", RemedyCode: "start_new"}
}

// CodeKeptAmongOthers is the code of KeptAmongOthers.
const CodeKeptAmongOthers = "kept_among_others"

// KeptAmongOthers: the asset to keep is among the others
// → name each asset once
func KeptAmongOthers() Reason {
	return Reason{ReasonCode: "kept_among_others", RemedyCode: "name_each_asset_once"}
}

// CodeKeyPassphraseNeeded is the code of KeyPassphraseNeeded.
const CodeKeyPassphraseNeeded = "key_passphrase_needed"

// KeyPassphraseNeeded: the private key is encrypted
// → enter the passphrase of the key
func KeyPassphraseNeeded() Reason {
	return Reason{ReasonCode: "key_passphrase_needed", RemedyCode: "enter_the_passphrase"}
}

// CodeKeyPassphraseWrong is the code of KeyPassphraseWrong.
const CodeKeyPassphraseWrong = "key_passphrase_wrong"

// KeyPassphraseWrong: this passphrase does not open the private key
// → enter the passphrase of the key
func KeyPassphraseWrong() Reason {
	return Reason{ReasonCode: "key_passphrase_wrong", RemedyCode: "enter_the_passphrase"}
}

// CodeLargerThanServerTakes is the code of LargerThanServerTakes.
const CodeLargerThanServerTakes = "larger_than_server_takes"

// LargerThanServerTakes: larger than this server takes ({max} bytes)
// → send a smaller file, or ask an administrator to raise the limit
func LargerThanServerTakes(max any) Reason {
	return Reason{ReasonCode: "larger_than_server_takes", Params: Params{"max": value(max)}, RemedyCode: "send_a_smaller_file_or_ask"}
}

// CodeLastAdministrator is the code of LastAdministrator.
const CodeLastAdministrator = "last_administrator"

// LastAdministrator: this is the last administrator
// → make somebody else an administrator first
func LastAdministrator() Reason {
	return Reason{ReasonCode: "last_administrator", RemedyCode: "make_somebody_else_an_administrator_first"}
}

// CodeLastAttemptsFailed is the code of LastAttemptsFailed.
const CodeLastAttemptsFailed = "last_attempts_failed"

// LastAttemptsFailed: the last attempts failed; they are being repeated
func LastAttemptsFailed() Reason {
	return Reason{ReasonCode: "last_attempts_failed"}
}

// CodeLastPartMissing is the code of LastPartMissing.
const CodeLastPartMissing = "last_part_missing"

// LastPartMissing: the last part is missing
func LastPartMissing() Reason {
	return Reason{ReasonCode: "last_part_missing"}
}

// CodeLastPublicationsRefused is the code of LastPublicationsRefused.
const CodeLastPublicationsRefused = "last_publications_refused"

// LastPublicationsRefused: the last {count} publications were refused
// → check the settings and the network, then test again
func LastPublicationsRefused(count any) Reason {
	return Reason{ReasonCode: "last_publications_refused", Params: Params{"count": value(count)}, RemedyCode: "check_the_settings_and_the_network"}
}

// CodeLaunchNotCalled is the code of LaunchNotCalled.
const CodeLaunchNotCalled = "launch_not_called"

// LaunchNotCalled: a program that has this package must call Launch first
// → that is a fault of the program
func LaunchNotCalled() Reason {
	return Reason{ReasonCode: "launch_not_called", RemedyCode: "that_is_a_fault"}
}

// CodeLeftPlaylist is the code of LeftPlaylist.
const CodeLeftPlaylist = "left_playlist"

// LeftPlaylist: it is not in the playlist
func LeftPlaylist() Reason {
	return Reason{ReasonCode: "left_playlist"}
}

// CodeLegacy is the code of Legacy.
const CodeLegacy = "legacy"

// Legacy: {text}
// → {remedy}
func Legacy(text, remedy any) Reason {
	return Reason{ReasonCode: "legacy", Params: Params{"text": value(text), "remedy": value(remedy)}, RemedyCode: "as_said"}
}

// CodeLibraryAdministratorNeeded is the code of LibraryAdministratorNeeded.
const CodeLibraryAdministratorNeeded = "library_administrator_needed"

// LibraryAdministratorNeeded: a library needs an administrator
// → name a person
func LibraryAdministratorNeeded() Reason {
	return Reason{ReasonCode: "library_administrator_needed", RemedyCode: "name_a_person"}
}

// CodeLibraryArchived is the code of LibraryArchived.
const CodeLibraryArchived = "library_archived"

// LibraryArchived: the library {library} is archived: nothing in it changes
// → ask an administrator of the installation to restore it
func LibraryArchived(library any) Reason {
	return Reason{ReasonCode: "library_archived", Params: Params{"library": value(library)}, RemedyCode: "ask_for_the_library_to_be_restored"}
}

// CodeLibraryExists is the code of LibraryExists.
const CodeLibraryExists = "library_exists"

// LibraryExists: there is a library {library} already
// → choose another id
func LibraryExists(library any) Reason {
	return Reason{ReasonCode: "library_exists", Params: Params{"library": value(library)}, RemedyCode: "choose_another_id"}
}

// CodeLibraryFirstStays is the code of LibraryFirstStays.
const CodeLibraryFirstStays = "library_first_stays"

// LibraryFirstStays: the library that the installation began with can’t be archived
// → archive another one
func LibraryFirstStays() Reason {
	return Reason{ReasonCode: "library_first_stays", RemedyCode: "archive_another_library"}
}

// CodeLibraryIdForm is the code of LibraryIdForm.
const CodeLibraryIdForm = "library_id_form"

// LibraryIdForm: a library’s id has 2 to 40 lower-case letters, digits and hyphens, and begins with a letter
// → use an id such as shoes or spring-2027
func LibraryIdForm() Reason {
	return Reason{ReasonCode: "library_id_form", RemedyCode: "use_an_id_like_shoes"}
}

// CodeLibraryNeededForDrafts is the code of LibraryNeededForDrafts.
const CodeLibraryNeededForDrafts = "library_needed_for_drafts"

// LibraryNeededForDrafts: there are several libraries, and an object doesn't say which one it was of
// → name the one that gets the drafts: {ids}
func LibraryNeededForDrafts(ids any) Reason {
	return Reason{ReasonCode: "library_needed_for_drafts", Params: Params{"ids": value(ids)}, RemedyCode: "name_the_one_that_gets"}
}

// CodeLibraryQuotaReached is the code of LibraryQuotaReached.
const CodeLibraryQuotaReached = "library_quota_reached"

// LibraryQuotaReached: the library {library} has {used} of {allowed} bytes, and no room for this file
// → delete assets for good, since the bin and old versions count too, or ask an administrator of the installation for a larger quota
func LibraryQuotaReached(library, used, allowed any) Reason {
	return Reason{ReasonCode: "library_quota_reached", Params: Params{"library": value(library), "used": value(used), "allowed": value(allowed)}, RemedyCode: "empty_the_bin_or_raise_the_quota"}
}

// CodeLibraryZoneUnknown is the code of LibraryZoneUnknown.
const CodeLibraryZoneUnknown = "library_zone_unknown"

// LibraryZoneUnknown: the library's time zone is unknown
func LibraryZoneUnknown() Reason {
	return Reason{ReasonCode: "library_zone_unknown"}
}

// CodeLimitBytesPlain is the code of LimitBytesPlain.
const CodeLimitBytesPlain = "limit_bytes_plain"

// LimitBytesPlain: {max:number} bytes, without < and >
func LimitBytesPlain(max any) Reason {
	return Reason{ReasonCode: "limit_bytes_plain", Params: Params{"max": value(max)}}
}

// CodeLimitCaptionVideoPhoto is the code of LimitCaptionVideoPhoto.
const CodeLimitCaptionVideoPhoto = "limit_caption_video_photo"

// LimitCaptionVideoPhoto: {video:number} characters with a video, {photo:number} with a photo
func LimitCaptionVideoPhoto(video, photo any) Reason {
	return Reason{ReasonCode: "limit_caption_video_photo", Params: Params{"video": value(video), "photo": value(photo)}}
}

// CodeLimitCharacters is the code of LimitCharacters.
const CodeLimitCharacters = "limit_characters"

// LimitCharacters: {max:number} characters
func LimitCharacters(max any) Reason {
	return Reason{ReasonCode: "limit_characters", Params: Params{"max": value(max)}}
}

// CodeLimitCharactersLinks is the code of LimitCharactersLinks.
const CodeLimitCharactersLinks = "limit_characters_links"

// LimitCharactersLinks: {max:number} characters; links count {link}, and of a mention its server does not
func LimitCharactersLinks(max, link any) Reason {
	return Reason{ReasonCode: "limit_characters_links", Params: Params{"max": value(max), "link": value(link)}}
}

// CodeLimitCharactersTags is the code of LimitCharactersTags.
const CodeLimitCharactersTags = "limit_characters_tags"

// LimitCharactersTags: {max:number} characters, {hashtags} hashtags, {mentions} mentions
func LimitCharactersTags(max, hashtags, mentions any) Reason {
	return Reason{ReasonCode: "limit_characters_tags", Params: Params{"max": value(max), "hashtags": value(hashtags), "mentions": value(mentions)}}
}

// CodeLimitCharactersWeighted is the code of LimitCharactersWeighted.
const CodeLimitCharactersWeighted = "limit_characters_weighted"

// LimitCharactersWeighted: {max} weighted characters; links count {link}
func LimitCharactersWeighted(max, link any) Reason {
	return Reason{ReasonCode: "limit_characters_weighted", Params: Params{"max": value(max), "link": value(link)}}
}

// CodeLimitEveryRendition is the code of LimitEveryRendition.
const CodeLimitEveryRendition = "limit_every_rendition"

// LimitEveryRendition: every rendition of the chosen presets
func LimitEveryRendition() Reason {
	return Reason{ReasonCode: "limit_every_rendition"}
}

// CodeLimitFile is the code of LimitFile.
const CodeLimitFile = "limit_file"

// LimitFile: one file ({formats}) of at most {mb} MB
func LimitFile(formats, mb any) Reason {
	return Reason{ReasonCode: "limit_file", Params: Params{"formats": value(formats), "mb": value(mb)}}
}

// CodeLimitGraphemesBytes is the code of LimitGraphemesBytes.
const CodeLimitGraphemesBytes = "limit_graphemes_bytes"

// LimitGraphemesBytes: {max:number} graphemes, {bytes:number} bytes
func LimitGraphemesBytes(max, bytes any) Reason {
	return Reason{ReasonCode: "limit_graphemes_bytes", Params: Params{"max": value(max), "bytes": value(bytes)}}
}

// CodeLimitLinksToRenditions is the code of LimitLinksToRenditions.
const CodeLimitLinksToRenditions = "limit_links_to_renditions"

// LimitLinksToRenditions: links to every rendition of the chosen presets
func LimitLinksToRenditions() Reason {
	return Reason{ReasonCode: "limit_links_to_renditions"}
}

// CodeLimitPicture is the code of LimitPicture.
const CodeLimitPicture = "limit_picture"

// LimitPicture: one picture ({formats}) of at most {mb} MB
func LimitPicture(formats, mb any) Reason {
	return Reason{ReasonCode: "limit_picture", Params: Params{"formats": value(formats), "mb": value(mb)}}
}

// CodeLimitPictureAndCard is the code of LimitPictureAndCard.
const CodeLimitPictureAndCard = "limit_picture_and_card"

// LimitPictureAndCard: one picture ({formats}) of at most {mb} MB, {card} MB in a card
func LimitPictureAndCard(formats, mb, card any) Reason {
	return Reason{ReasonCode: "limit_picture_and_card", Params: Params{"formats": value(formats), "mb": value(mb), "card": value(card)}}
}

// CodeLimitPictureBytes is the code of LimitPictureBytes.
const CodeLimitPictureBytes = "limit_picture_bytes"

// LimitPictureBytes: one picture of at most {max:number} bytes
func LimitPictureBytes(max any) Reason {
	return Reason{ReasonCode: "limit_picture_bytes", Params: Params{"max": value(max)}}
}

// CodeLimitPictureFetched is the code of LimitPictureFetched.
const CodeLimitPictureFetched = "limit_picture_fetched"

// LimitPictureFetched: one picture ({formats}) of at most {mb} MB, {narrowest} to {widest}, which {name} fetches from the public URL
func LimitPictureFetched(formats, mb, narrowest, widest, name any) Reason {
	return Reason{ReasonCode: "limit_picture_fetched", Params: Params{"formats": value(formats), "mb": value(mb), "narrowest": value(narrowest), "widest": value(widest), "name": value(name)}}
}

// CodeLimitPictureOfSite is the code of LimitPictureOfSite.
const CodeLimitPictureOfSite = "limit_picture_of_site"

// LimitPictureOfSite: one picture (JPEG, PNG, WebP); the size is the site's upload_max_filesize
func LimitPictureOfSite() Reason {
	return Reason{ReasonCode: "limit_picture_of_site"}
}

// CodeLimitPictureOrFilm is the code of LimitPictureOrFilm.
const CodeLimitPictureOrFilm = "limit_picture_or_film"

// LimitPictureOrFilm: one picture or film, the largest of the chosen presets
func LimitPictureOrFilm() Reason {
	return Reason{ReasonCode: "limit_picture_or_film"}
}

// CodeLimitPicturePixels is the code of LimitPicturePixels.
const CodeLimitPicturePixels = "limit_picture_pixels"

// LimitPicturePixels: one picture ({formats}) of at most {mb} MB and {width} × {height} pixels
func LimitPicturePixels(formats, mb, width, height any) Reason {
	return Reason{ReasonCode: "limit_picture_pixels", Params: Params{"formats": value(formats), "mb": value(mb), "width": value(width), "height": value(height)}}
}

// CodeLimitPinterestTrial is the code of LimitPinterestTrial.
const CodeLimitPinterestTrial = "limit_pinterest_trial"

// LimitPinterestTrial: nobody but the account: the app has trial access, and its pins go to Pinterest's sandbox
func LimitPinterestTrial() Reason {
	return Reason{ReasonCode: "limit_pinterest_trial"}
}

// CodeLimitPosts is the code of LimitPosts.
const CodeLimitPosts = "limit_posts"

// LimitPosts: {max} in {hours} hours
func LimitPosts(max, hours any) Reason {
	return Reason{ReasonCode: "limit_posts", Params: Params{"max": value(max), "hours": value(hours)}}
}

// CodeLimitProductPicture is the code of LimitProductPicture.
const CodeLimitProductPicture = "limit_product_picture"

// LimitProductPicture: one picture of at most {mb} MB and {width} × {height} pixels on every product whose SKU the asset has; a product has at most {most}
func LimitProductPicture(mb, width, height, most any) Reason {
	return Reason{ReasonCode: "limit_product_picture", Params: Params{"mb": value(mb), "width": value(width), "height": value(height), "most": value(most)}}
}

// CodeLimitProductPictureOfSite is the code of LimitProductPictureOfSite.
const CodeLimitProductPictureOfSite = "limit_product_picture_of_site"

// LimitProductPictureOfSite: one picture on every product whose SKU the asset has; the size is the site's upload_max_filesize
func LimitProductPictureOfSite() Reason {
	return Reason{ReasonCode: "limit_product_picture_of_site"}
}

// CodeLimitRecallByHand is the code of LimitRecallByHand.
const CodeLimitRecallByHand = "limit_recall_by_hand"

// LimitRecallByHand: by hand: {name} has no call for it
func LimitRecallByHand(name any) Reason {
	return Reason{ReasonCode: "limit_recall_by_hand", Params: Params{"name": value(name)}}
}

// CodeLimitTiktokConsent is the code of LimitTiktokConsent.
const CodeLimitTiktokConsent = "limit_tiktok_consent"

// LimitTiktokConsent: who posts agrees to TikTok's Music Usage Confirmation and, for a paid partnership, to its Branded Content Policy
func LimitTiktokConsent() Reason {
	return Reason{ReasonCode: "limit_tiktok_consent"}
}

// CodeLimitTiktokPrivacy is the code of LimitTiktokPrivacy.
const CodeLimitTiktokPrivacy = "limit_tiktok_privacy"

// LimitTiktokPrivacy: a person chooses it, among what the account allows
func LimitTiktokPrivacy() Reason {
	return Reason{ReasonCode: "limit_tiktok_privacy"}
}

// CodeLimitTitle is the code of LimitTitle.
const CodeLimitTitle = "limit_title"

// LimitTitle: the asset's, cut at {max} characters
func LimitTitle(max any) Reason {
	return Reason{ReasonCode: "limit_title", Params: Params{"max": value(max)}}
}

// CodeLimitTitleOwn is the code of LimitTitleOwn.
const CodeLimitTitleOwn = "limit_title_own"

// LimitTitleOwn: the asset's, or the publication's own, cut at {max} characters
func LimitTitleOwn(max any) Reason {
	return Reason{ReasonCode: "limit_title_own", Params: Params{"max": value(max)}}
}

// CodeLimitTitlePhoto is the code of LimitTitlePhoto.
const CodeLimitTitlePhoto = "limit_title_photo"

// LimitTitlePhoto: of a photo: the asset's, cut at {max} characters
func LimitTitlePhoto(max any) Reason {
	return Reason{ReasonCode: "limit_title_photo", Params: Params{"max": value(max)}}
}

// CodeLimitVideo is the code of LimitVideo.
const CodeLimitVideo = "limit_video"

// LimitVideo: one video ({formats})
func LimitVideo(formats any) Reason {
	return Reason{ReasonCode: "limit_video", Params: Params{"formats": value(formats)}}
}

// CodeLimitVideoOrPhoto is the code of LimitVideoOrPhoto.
const CodeLimitVideoOrPhoto = "limit_video_or_photo"

// LimitVideoOrPhoto: one video (MP4) of {least} to {longest} s and at most {video} GB, or one picture (JPEG, WebP) of at most {photo} MB, which {name} fetches from the public URL
func LimitVideoOrPhoto(least, longest, video, photo, name any) Reason {
	return Reason{ReasonCode: "limit_video_or_photo", Params: Params{"least": value(least), "longest": value(longest), "video": value(video), "photo": value(photo), "name": value(name)}}
}

// CodeLimitXCost is the code of LimitXCost.
const CodeLimitXCost = "limit_x_cost"

// LimitXCost: {plain} USD for a post, {link} USD with a link (pay-per-use, as of {day:date})
func LimitXCost(plain, link, day any) Reason {
	return Reason{ReasonCode: "limit_x_cost", Params: Params{"plain": value(plain), "link": value(link), "day": value(day)}}
}

// CodeLimitYoutubeQuota is the code of LimitYoutubeQuota.
const CodeLimitYoutubeQuota = "limit_youtube_quota"

// LimitYoutubeQuota: {max} uploads a day for all channels of a Google project, until midnight Pacific time; YouTube also limits each channel's uploads in 24 hours
func LimitYoutubeQuota(max any) Reason {
	return Reason{ReasonCode: "limit_youtube_quota", Params: Params{"max": value(max)}}
}

// CodeLimitYoutubeShorts is the code of LimitYoutubeShorts.
const CodeLimitYoutubeShorts = "limit_youtube_shorts"

// LimitYoutubeShorts: square or upright, and of at most three minutes
func LimitYoutubeShorts() Reason {
	return Reason{ReasonCode: "limit_youtube_shorts"}
}

// CodeLinkTooLong is the code of LinkTooLong.
const CodeLinkTooLong = "link_too_long"

// LinkTooLong: link {n} of {max} characters
// → use a shorter one
func LinkTooLong(n, max any) Reason {
	return Reason{ReasonCode: "link_too_long", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "use_shorter"}
}

// CodeLinkedinAccessExpired is the code of LinkedinAccessExpired.
const CodeLinkedinAccessExpired = "linkedin_access_expired"

// LinkedinAccessExpired: the access to LinkedIn has expired
// → connect the channel again with valid credentials
func LinkedinAccessExpired() Reason {
	return Reason{ReasonCode: "linkedin_access_expired", RemedyCode: "connect_again"}
}

// CodeLinkedinAccessRevoked is the code of LinkedinAccessRevoked.
const CodeLinkedinAccessRevoked = "linkedin_access_revoked"

// LinkedinAccessRevoked: the access to LinkedIn was revoked
// → connect the channel again with valid credentials
func LinkedinAccessRevoked() Reason {
	return Reason{ReasonCode: "linkedin_access_revoked", RemedyCode: "connect_again"}
}

// CodeLinkedinCommentScopeMissing is the code of LinkedinCommentScopeMissing.
const CodeLinkedinCommentScopeMissing = "linkedin_comment_scope_missing"

// LinkedinCommentScopeMissing: LinkedIn lets this app post, and not comment: the access lacks the scope {scope}
// → get the Community Management API for the app, set app to community, then connect the channel again
func LinkedinCommentScopeMissing(scope any) Reason {
	return Reason{ReasonCode: "linkedin_comment_scope_missing", Params: Params{"scope": value(scope)}, RemedyCode: "get_community_api_and_connect"}
}

// CodeLinkedinNoRole is the code of LinkedinNoRole.
const CodeLinkedinNoRole = "linkedin_no_role"

// LinkedinNoRole: the account has no role for the organization {organization}
// → connect the channel again with valid credentials
func LinkedinNoRole(organization any) Reason {
	return Reason{ReasonCode: "linkedin_no_role", Params: Params{"organization": value(organization)}, RemedyCode: "connect_again"}
}

// CodeLinkedinPictureTooLarge is the code of LinkedinPictureTooLarge.
const CodeLinkedinPictureTooLarge = "linkedin_picture_too_large"

// LinkedinPictureTooLarge: LinkedIn refuses the picture: it is too large
// → choose another preset
func LinkedinPictureTooLarge() Reason {
	return Reason{ReasonCode: "linkedin_picture_too_large", RemedyCode: "choose_another_preset"}
}

// CodeLinkedinPictureUnreadable is the code of LinkedinPictureUnreadable.
const CodeLinkedinPictureUnreadable = "linkedin_picture_unreadable"

// LinkedinPictureUnreadable: LinkedIn can't read the picture
// → choose another preset
func LinkedinPictureUnreadable() Reason {
	return Reason{ReasonCode: "linkedin_picture_unreadable", RemedyCode: "choose_another_preset"}
}

// CodeLinkedinRefuses is the code of LinkedinRefuses.
const CodeLinkedinRefuses = "linkedin_refuses"

// LinkedinRefuses: LinkedIn refuses this: {said}
// → change it, then retry
func LinkedinRefuses(said any) Reason {
	return Reason{ReasonCode: "linkedin_refuses", Params: Params{"said": value(said)}, RemedyCode: "change_then_retry"}
}

// CodeLinkedinRefusesAccount is the code of LinkedinRefusesAccount.
const CodeLinkedinRefusesAccount = "linkedin_refuses_account"

// LinkedinRefusesAccount: LinkedIn refuses the account: {said}
// → connect the channel again with valid credentials
func LinkedinRefusesAccount(said any) Reason {
	return Reason{ReasonCode: "linkedin_refuses_account", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodeLinkedinRefusesRepeat is the code of LinkedinRefusesRepeat.
const CodeLinkedinRefusesRepeat = "linkedin_refuses_repeat"

// LinkedinRefusesRepeat: LinkedIn refuses a text that was posted just before
// → change the text
func LinkedinRefusesRepeat() Reason {
	return Reason{ReasonCode: "linkedin_refuses_repeat", RemedyCode: "change_the_text"}
}

// CodeLinkedinScopesMissing is the code of LinkedinScopesMissing.
const CodeLinkedinScopesMissing = "linkedin_scopes_missing"

// LinkedinScopesMissing: the access lacks the scopes openid and profile
// → connect the channel again with valid credentials
func LinkedinScopesMissing() Reason {
	return Reason{ReasonCode: "linkedin_scopes_missing", RemedyCode: "connect_again"}
}

// CodeLinkedinVersionEnded is the code of LinkedinVersionEnded.
const CodeLinkedinVersionEnded = "linkedin_version_ended"

// LinkedinVersionEnded: LinkedIn has ended this version of its API
// → enter a newer one in the channel's settings, as YYYYMM
func LinkedinVersionEnded() Reason {
	return Reason{ReasonCode: "linkedin_version_ended", RemedyCode: "enter_newer_api_version"}
}

// CodeLinkedinWithoutReading is the code of LinkedinWithoutReading.
const CodeLinkedinWithoutReading = "linkedin_without_reading"

// LinkedinWithoutReading: LinkedIn does not let this app read a member's posts
func LinkedinWithoutReading() Reason {
	return Reason{ReasonCode: "linkedin_without_reading"}
}

// CodeListEntryEmpty is the code of ListEntryEmpty.
const CodeListEntryEmpty = "list_entry_empty"

// ListEntryEmpty: it is empty
// → remove it
func ListEntryEmpty() Reason {
	return Reason{ReasonCode: "list_entry_empty", RemedyCode: "remove"}
}

// CodeLocaleOrLanguage is the code of LocaleOrLanguage.
const CodeLocaleOrLanguage = "locale_or_language"

// LocaleOrLanguage: locale and language say different things
// → give one of them
func LocaleOrLanguage() Reason {
	return Reason{ReasonCode: "locale_or_language", RemedyCode: "give_one_of_them"}
}

// CodeLogBeginsAt is the code of LogBeginsAt.
const CodeLogBeginsAt = "log_begins_at"

// LogBeginsAt: the log begins at {seq}
func LogBeginsAt(seq any) Reason {
	return Reason{ReasonCode: "log_begins_at", Params: Params{"seq": value(seq)}}
}

// CodeLogBeginsBehind is the code of LogBeginsBehind.
const CodeLogBeginsBehind = "log_begins_behind"

// LogBeginsBehind: the log begins behind seq {oldest}
// → start again from /api/snapshot
func LogBeginsBehind(oldest any) Reason {
	return Reason{ReasonCode: "log_begins_behind", Params: Params{"oldest": value(oldest)}, RemedyCode: "start_again_from_api_snapshot"}
}

// CodeLogBegunAnew is the code of LogBegunAnew.
const CodeLogBegunAnew = "log_begun_anew"

// LogBegunAnew: the log has begun another epoch: the catalogue was restored from a backup, or is a copy
// → start again from /api/snapshot
func LogBegunAnew() Reason {
	return Reason{ReasonCode: "log_begun_anew", RemedyCode: "start_again_from_api_snapshot"}
}

// CodeLogEndsBefore is the code of LogEndsBefore.
const CodeLogEndsBefore = "log_ends_before"

// LogEndsBefore: the log ends at seq {head}: the catalogue was restored from a backup, or is a copy
// → start again from /api/snapshot
func LogEndsBefore(head any) Reason {
	return Reason{ReasonCode: "log_ends_before", Params: Params{"head": value(head)}, RemedyCode: "start_again_from_api_snapshot"}
}

// CodeLogEpochChanged is the code of LogEpochChanged.
const CodeLogEpochChanged = "log_epoch_changed"

// LogEpochChanged: the log has begun another epoch
// → start again from /api/snapshot
func LogEpochChanged() Reason {
	return Reason{ReasonCode: "log_epoch_changed", RemedyCode: "start_again_from_api_snapshot"}
}

// CodeLogoNotPicture is the code of LogoNotPicture.
const CodeLogoNotPicture = "logo_not_picture"

// LogoNotPicture: the asset {value} is not a picture
// → choose a picture
func LogoNotPicture(valueOf any) Reason {
	return Reason{ReasonCode: "logo_not_picture", Params: Params{"value": value(valueOf)}, RemedyCode: "choose_a_picture"}
}

// CodeLongerThan1000 is the code of LongerThan1000.
const CodeLongerThan1000 = "longer_than_1000"

// LongerThan1000: longer than 1,000 characters
// → shorten it
func LongerThan1000() Reason {
	return Reason{ReasonCode: "longer_than_1000", RemedyCode: "shorten_f"}
}

// CodeLongerThan10000 is the code of LongerThan10000.
const CodeLongerThan10000 = "longer_than_10000"

// LongerThan10000: longer than 10,000 characters
// → shorten it
func LongerThan10000() Reason {
	return Reason{ReasonCode: "longer_than_10000", RemedyCode: "shorten_f"}
}

// CodeLongerThan200 is the code of LongerThan200.
const CodeLongerThan200 = "longer_than_200"

// LongerThan200: longer than 200 characters
// → shorten it
func LongerThan200() Reason {
	return Reason{ReasonCode: "longer_than_200", RemedyCode: "shorten_f"}
}

// CodeLongerThan200Bytes is the code of LongerThan200Bytes.
const CodeLongerThan200Bytes = "longer_than_200_bytes"

// LongerThan200Bytes: longer than 200 bytes
// → shorten it
func LongerThan200Bytes() Reason {
	return Reason{ReasonCode: "longer_than_200_bytes", RemedyCode: "shorten_f"}
}

// CodeLongerThan5000 is the code of LongerThan5000.
const CodeLongerThan5000 = "longer_than_5000"

// LongerThan5000: longer than 5,000 characters
// → shorten it
func LongerThan5000() Reason {
	return Reason{ReasonCode: "longer_than_5000", RemedyCode: "shorten_f"}
}

// CodeMadeSmaller is the code of MadeSmaller.
const CodeMadeSmaller = "made_smaller"

// MadeSmaller: {format}: made smaller, {width} × {height}, to stay within {max} bytes
func MadeSmaller(format, width, height, max any) Reason {
	return Reason{ReasonCode: "made_smaller", Params: Params{"format": value(format), "width": value(width), "height": value(height), "max": value(max)}}
}

// CodeManifestNotWritable is the code of ManifestNotWritable.
const CodeManifestNotWritable = "manifest_not_writable"

// ManifestNotWritable: the manifest can't be written
// → report this
func ManifestNotWritable() Reason {
	return Reason{ReasonCode: "manifest_not_writable", RemedyCode: "report_this"}
}

// CodeMastodonRefuses is the code of MastodonRefuses.
const CodeMastodonRefuses = "mastodon_refuses"

// MastodonRefuses: Mastodon refuses this: {cause}
// → change it, then retry
func MastodonRefuses(cause any) Reason {
	return Reason{ReasonCode: "mastodon_refuses", Params: Params{"cause": value(cause)}, RemedyCode: "change_then_retry"}
}

// CodeMastodonRefusesAccount is the code of MastodonRefusesAccount.
const CodeMastodonRefusesAccount = "mastodon_refuses_account"

// MastodonRefusesAccount: Mastodon refuses the account: {cause}
// → connect the channel again with valid credentials
func MastodonRefusesAccount(cause any) Reason {
	return Reason{ReasonCode: "mastodon_refuses_account", Params: Params{"cause": value(cause)}, RemedyCode: "connect_again"}
}

// CodeMastodonRefusesApp is the code of MastodonRefusesApp.
const CodeMastodonRefusesApp = "mastodon_refuses_app"

// MastodonRefusesApp: the server does not register applications
// → make an access token in the account's settings (Preferences → Development), and enter it as token
func MastodonRefusesApp() Reason {
	return Reason{ReasonCode: "mastodon_refuses_app", RemedyCode: "enter_a_mastodon_token"}
}

// CodeMastodonRefusesToken is the code of MastodonRefusesToken.
const CodeMastodonRefusesToken = "mastodon_refuses_token"

// MastodonRefusesToken: Mastodon refuses the token
// → connect the channel again with valid credentials
func MastodonRefusesToken() Reason {
	return Reason{ReasonCode: "mastodon_refuses_token", RemedyCode: "connect_again"}
}

// CodeMastodonUrlForm is the code of MastodonUrlForm.
const CodeMastodonUrlForm = "mastodon_url_form"

// MastodonUrlForm: the server is an http or https URL
// → for example https://mastodon.social
func MastodonUrlForm() Reason {
	return Reason{ReasonCode: "mastodon_url_form", RemedyCode: "for_example_https_mastodon"}
}

// CodeMaybeSentBeforeHold is the code of MaybeSentBeforeHold.
const CodeMaybeSentBeforeHold = "maybe_sent_before_hold"

// MaybeSentBeforeHold: the catalogue {words}: it may have been sent since
// → look at the channel, then say whether it is there
func MaybeSentBeforeHold(words any) Reason {
	return Reason{ReasonCode: "maybe_sent_before_hold", Params: Params{"words": value(words)}, RemedyCode: "look_at_the_channel_then_say"}
}

// CodeMaybeSentBeforeHoldAt is the code of MaybeSentBeforeHoldAt.
const CodeMaybeSentBeforeHoldAt = "maybe_sent_before_hold_at"

// MaybeSentBeforeHoldAt: the catalogue {words} (of about {at:time}): it may have been sent since
// → look at the channel, then say whether it is there
func MaybeSentBeforeHoldAt(words, at any) Reason {
	return Reason{ReasonCode: "maybe_sent_before_hold_at", Params: Params{"words": value(words), "at": value(at)}, RemedyCode: "look_at_the_channel_then_say"}
}

// CodeMediaAspect is the code of MediaAspect.
const CodeMediaAspect = "media_aspect"

// MediaAspect: {preset} has the aspect {aspect}
func MediaAspect(preset, aspect any) Reason {
	return Reason{ReasonCode: "media_aspect", Params: Params{"preset": value(preset), "aspect": value(aspect)}}
}

// CodeMediaPixels is the code of MediaPixels.
const CodeMediaPixels = "media_pixels"

// MediaPixels: {preset} is {width}×{height} pixels
func MediaPixels(preset, width, height any) Reason {
	return Reason{ReasonCode: "media_pixels", Params: Params{"preset": value(preset), "width": value(width), "height": value(height)}}
}

// CodeMediaRuleAspect is the code of MediaRuleAspect.
const CodeMediaRuleAspect = "media_rule_aspect"

// MediaRuleAspect: an aspect ratio of {narrowest} to {widest}
func MediaRuleAspect(narrowest, widest any) Reason {
	return Reason{ReasonCode: "media_rule_aspect", Params: Params{"narrowest": value(narrowest), "widest": value(widest)}}
}

// CodeMediaRuleBytes is the code of MediaRuleBytes.
const CodeMediaRuleBytes = "media_rule_bytes"

// MediaRuleBytes: at most {max:number} bytes
func MediaRuleBytes(max any) Reason {
	return Reason{ReasonCode: "media_rule_bytes", Params: Params{"max": value(max)}}
}

// CodeMediaRuleFormats is the code of MediaRuleFormats.
const CodeMediaRuleFormats = "media_rule_formats"

// MediaRuleFormats: one of {formats}
func MediaRuleFormats(formats any) Reason {
	return Reason{ReasonCode: "media_rule_formats", Params: Params{"formats": value(formats)}}
}

// CodeMediaRulePixels is the code of MediaRulePixels.
const CodeMediaRulePixels = "media_rule_pixels"

// MediaRulePixels: at most {width}×{height} pixels
func MediaRulePixels(width, height any) Reason {
	return Reason{ReasonCode: "media_rule_pixels", Params: Params{"width": value(width), "height": value(height)}}
}

// CodeMediaRuleSeconds is the code of MediaRuleSeconds.
const CodeMediaRuleSeconds = "media_rule_seconds"

// MediaRuleSeconds: a video of at most {max} s
func MediaRuleSeconds(max any) Reason {
	return Reason{ReasonCode: "media_rule_seconds", Params: Params{"max": value(max)}}
}

// CodeMediumForbidden is the code of MediumForbidden.
const CodeMediumForbidden = "medium_forbidden"

// MediumForbidden: the licences and consents of the asset don’t allow this channel
// → choose another channel or another asset
func MediumForbidden() Reason {
	return Reason{ReasonCode: "medium_forbidden", RemedyCode: "choose_another_channel_or_another_asset"}
}

// CodeMergeNarrows is the code of MergeNarrows.
const CodeMergeNarrows = "merge_narrows"

// MergeNarrows: the licences and consents of the duplicates allow less than is allowed of {asset}, which is live: {record}
// → link them to it first, which says what that touches, or keep the other one
func MergeNarrows(asset, record any) Reason {
	return Reason{ReasonCode: "merge_narrows", Params: Params{"asset": value(asset), "record": value(record)}, RemedyCode: "link_the_records_first"}
}

// CodeMetaRefuses is the code of MetaRefuses.
const CodeMetaRefuses = "meta_refuses"

// MetaRefuses: Meta refuses this: {said}
func MetaRefuses(said any) Reason {
	return Reason{ReasonCode: "meta_refuses", Params: Params{"said": value(said)}}
}

// CodeMetaRefusesAccount is the code of MetaRefusesAccount.
const CodeMetaRefusesAccount = "meta_refuses_account"

// MetaRefusesAccount: Meta refuses the account: {said}
// → connect the channel again with valid credentials
func MetaRefusesAccount(said any) Reason {
	return Reason{ReasonCode: "meta_refuses_account", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodeMetaScopesMissing is the code of MetaScopesMissing.
const CodeMetaScopesMissing = "meta_scopes_missing"

// MetaScopesMissing: Meta did not grant {scopes}
// → connect again and allow all that is asked for; for people without a role in the app, Meta must have granted it Advanced Access
func MetaScopesMissing(scopes any) Reason {
	return Reason{ReasonCode: "meta_scopes_missing", Params: Params{"scopes": value(scopes)}, RemedyCode: "connect_and_allow_all"}
}

// CodeMetaWithoutPublicUrl is the code of MetaWithoutPublicUrl.
const CodeMetaWithoutPublicUrl = "meta_without_public_url"

// MetaWithoutPublicUrl: Meta fetches the picture from this server, which does not know its public URL
// → set VITRINE_PUBLIC_URL
func MetaWithoutPublicUrl() Reason {
	return Reason{ReasonCode: "meta_without_public_url", RemedyCode: "set_vitrine_public_url"}
}

// CodeMetadataCopyFailed is the code of MetadataCopyFailed.
const CodeMetadataCopyFailed = "metadata_copy_failed"

// MetadataCopyFailed: The copy could not be made; an administrator finds the reason under System, and can retry.
func MetadataCopyFailed() Reason {
	return Reason{ReasonCode: "metadata_copy_failed"}
}

// CodeMetadataCopyRefused is the code of MetadataCopyRefused.
const CodeMetadataCopyRefused = "metadata_copy_refused"

// MetadataCopyRefused: {why}; {why.remedy}.
func MetadataCopyRefused(why any) Reason {
	return Reason{ReasonCode: "metadata_copy_refused", Params: Params{"why": value(why)}}
}

// CodeMetadataDamaged is the code of MetadataDamaged.
const CodeMetadataDamaged = "metadata_damaged"

// MetadataDamaged: a part of the file's metadata is damaged and could not be read
// → check title, credits, date and place, and fill in what is missing
func MetadataDamaged() Reason {
	return Reason{ReasonCode: "metadata_damaged", RemedyCode: "compare_the_fields_with_the_file"}
}

// CodeMetadataNameInvalid is the code of MetadataNameInvalid.
const CodeMetadataNameInvalid = "metadata_name_invalid"

// MetadataNameInvalid: a name is missing, or is not visible ASCII
// → send Upload-Metadata once, as: filename <base64>,asset <base64>
func MetadataNameInvalid() Reason {
	return Reason{ReasonCode: "metadata_name_invalid", RemedyCode: "send_upload_metadata_once"}
}

// CodeMetadataNameTwice is the code of MetadataNameTwice.
const CodeMetadataNameTwice = "metadata_name_twice"

// MetadataNameTwice: it is named twice
// → send Upload-Metadata once, as: filename <base64>,asset <base64>
func MetadataNameTwice() Reason {
	return Reason{ReasonCode: "metadata_name_twice", RemedyCode: "send_upload_metadata_once"}
}

// CodeMetadataNeedsExiftool is the code of MetadataNeedsExiftool.
const CodeMetadataNeedsExiftool = "metadata_needs_exiftool"

// MetadataNeedsExiftool: only exiftool reads all of the file's metadata, and this server has none
// → have exiftool installed on the server (Debian: libimage-exiftool-perl), then read the metadata again
func MetadataNeedsExiftool() Reason {
	return Reason{ReasonCode: "metadata_needs_exiftool", RemedyCode: "install_exiftool_and_read_again"}
}

// CodeMetadataNotBase64 is the code of MetadataNotBase64.
const CodeMetadataNotBase64 = "metadata_not_base64"

// MetadataNotBase64: its value is not base64
// → send Upload-Metadata once, as: filename <base64>,asset <base64>
func MetadataNotBase64() Reason {
	return Reason{ReasonCode: "metadata_not_base64", RemedyCode: "send_upload_metadata_once"}
}

// CodeMetadataNotRead is the code of MetadataNotRead.
const CodeMetadataNotRead = "metadata_not_read"

// MetadataNotRead: the file's metadata could not be read to its end
// → read the metadata again; if that changes nothing, fill in what is missing
func MetadataNotRead() Reason {
	return Reason{ReasonCode: "metadata_not_read", RemedyCode: "read_the_metadata_again"}
}

// CodeMetadataNotWritableHere is the code of MetadataNotWritableHere.
const CodeMetadataNotWritableHere = "metadata_not_writable_here"

// MetadataNotWritableHere: Metadata can't be written here: {why}.
func MetadataNotWritableHere(why any) Reason {
	return Reason{ReasonCode: "metadata_not_writable_here", Params: Params{"why": value(why)}}
}

// CodeMetadataTypeWithoutRoom is the code of MetadataTypeWithoutRoom.
const CodeMetadataTypeWithoutRoom = "metadata_type_without_room"

// MetadataTypeWithoutRoom: Files of the type {type} have no room for metadata that other programs read.
func MetadataTypeWithoutRoom(typeOf any) Reason {
	return Reason{ReasonCode: "metadata_type_without_room", Params: Params{"type": value(typeOf)}}
}

// CodeMethodNotPossible is the code of MethodNotPossible.
const CodeMethodNotPossible = "method_not_possible"

// MethodNotPossible: {method} is not possible here
// → use {allow}
func MethodNotPossible(method, allow any) Reason {
	return Reason{ReasonCode: "method_not_possible", Params: Params{"method": value(method), "allow": value(allow)}, RemedyCode: "use_allow"}
}

// CodeMigrationNeedsYes is the code of MigrationNeedsYes.
const CodeMigrationNeedsYes = "migration_needs_yes"

// MigrationNeedsYes: the tables would go from schema {have} to {want}, which only a backup takes back
// → make a backup, then add --yes
func MigrationNeedsYes(have, want any) Reason {
	return Reason{ReasonCode: "migration_needs_yes", Params: Params{"have": value(have), "want": value(want)}, RemedyCode: "make_a_backup_then_add_yes"}
}

// CodeMigrationUnfinished is the code of MigrationUnfinished.
const CodeMigrationUnfinished = "migration_unfinished"

// MigrationUnfinished: an upgrade of the database was interrupted (schema {have})
// → start the server, or run vitrine migrate --yes: it goes on where it stopped
func MigrationUnfinished(have any) Reason {
	return Reason{ReasonCode: "migration_unfinished", Params: Params{"have": value(have)}, RemedyCode: "start_the_server_to_finish_it"}
}

// CodeMirrorIsFirstStore is the code of MirrorIsFirstStore.
const CodeMirrorIsFirstStore = "mirror_is_first_store"

// MirrorIsFirstStore: this is the first store
// → name another place, on another disk or machine
func MirrorIsFirstStore() Reason {
	return Reason{ReasonCode: "mirror_is_first_store", RemedyCode: "name_another_place_on_another_disk"}
}

// CodeMissedDue is the code of MissedDue.
const CodeMissedDue = "missed_due"

// MissedDue: it was due at {at:time} and could not start within {grace:duration}
// → retry it to send it now, give it another time, or recall it
func MissedDue(at, grace any) Reason {
	return Reason{ReasonCode: "missed_due", Params: Params{"at": value(at), "grace": value(grace)}, RemedyCode: "retry_it_to_send_it_now"}
}

// CodeMoreThan500 is the code of MoreThan500.
const CodeMoreThan500 = "more_than_500"

// MoreThan500: more than 500
// → leave some out
func MoreThan500() Reason {
	return Reason{ReasonCode: "more_than_500", RemedyCode: "leave_some_out"}
}

// CodeMovingNotSharpened is the code of MovingNotSharpened.
const CodeMovingNotSharpened = "moving_not_sharpened"

// MovingNotSharpened: what moves is not sharpened
// → leave it out
func MovingNotSharpened() Reason {
	return Reason{ReasonCode: "moving_not_sharpened", RemedyCode: "leave_it_out"}
}

// CodeMovingWithoutWatermark is the code of MovingWithoutWatermark.
const CodeMovingWithoutWatermark = "moving_without_watermark"

// MovingWithoutWatermark: what moves carries no watermark
// → leave it out
func MovingWithoutWatermark() Reason {
	return Reason{ReasonCode: "moving_without_watermark", RemedyCode: "leave_it_out"}
}

// CodeNameTwice is the code of NameTwice.
const CodeNameTwice = "name_twice"

// NameTwice: {one:q} and {two:q} are one name in two spellings
// → send one of the two
func NameTwice(one, two any) Reason {
	return Reason{ReasonCode: "name_twice", Params: Params{"one": value(one), "two": value(two)}, RemedyCode: "send_one_of_the_two"}
}

// CodeNamedProfileNotConverted is the code of NamedProfileNotConverted.
const CodeNamedProfileNotConverted = "named_profile_not_converted"

// NamedProfileNotConverted: its colour profile {name:q} can't be converted, so colours may look different
func NamedProfileNotConverted(name any) Reason {
	return Reason{ReasonCode: "named_profile_not_converted", Params: Params{"name": value(name)}}
}

// CodeNeedsLibvips is the code of NeedsLibvips.
const CodeNeedsLibvips = "needs_libvips"

// NeedsLibvips: HEIC, AVIF, JPEG XL and JPEG 2000 are read by libvips, which this server's program was built without, or whose copy lacks them
// → the original stays downloadable; upload a JPEG, or ask the operator to install libvips-dev and build again (vitrine doctor says what is read)
func NeedsLibvips() Reason {
	return Reason{ReasonCode: "needs_libvips", RemedyCode: "the_original_stays_downloadable"}
}

// CodeNestedNameNotText is the code of NestedNameNotText.
const CodeNestedNameNotText = "nested_name_not_text"

// NestedNameNotText: a name in it is not text, or too long
// → rename it
func NestedNameNotText() Reason {
	return Reason{ReasonCode: "nested_name_not_text", RemedyCode: "rename"}
}

// CodeNestedNameTooLong is the code of NestedNameTooLong.
const CodeNestedNameTooLong = "nested_name_too_long"

// NestedNameTooLong: a name in it is longer than {max} characters
// → shorten it
func NestedNameTooLong(max any) Reason {
	return Reason{ReasonCode: "nested_name_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten_f"}
}

// CodeNeverShown is the code of NeverShown.
const CodeNeverShown = "never_shown"

// NeverShown: sent {n} times, and the channel does not show it
// → look at the channel, then retry
func NeverShown(n any) Reason {
	return Reason{ReasonCode: "never_shown", Params: Params{"n": value(n)}, RemedyCode: "look_at_the_channel_then_retry"}
}

// CodeNoActor is the code of NoActor.
const CodeNoActor = "no_actor"

// NoActor: nobody acts here
// → this is a fault of the server; report it
func NoActor() Reason {
	return Reason{ReasonCode: "no_actor", RemedyCode: "this_is_a_fault"}
}

// CodeNoAsset is the code of NoAsset.
const CodeNoAsset = "no_asset"

// NoAsset: there is no asset {asset}
// → check the id
func NoAsset(asset any) Reason {
	return Reason{ReasonCode: "no_asset", Params: Params{"asset": value(asset)}, RemedyCode: "check_the_id_2"}
}

// CodeNoAssetForSlot is the code of NoAssetForSlot.
const CodeNoAssetForSlot = "no_asset_for_slot"

// NoAssetForSlot: there is no asset {asset}
// → name an asset of this library
func NoAssetForSlot(asset any) Reason {
	return Reason{ReasonCode: "no_asset_for_slot", Params: Params{"asset": value(asset)}, RemedyCode: "name_an_asset_of_this_library"}
}

// CodeNoAssetHasFile is the code of NoAssetHasFile.
const CodeNoAssetHasFile = "no_asset_has_file"

// NoAssetHasFile: no asset of the library has this file
// → upload it, or name an asset
func NoAssetHasFile() Reason {
	return Reason{ReasonCode: "no_asset_has_file", RemedyCode: "upload_it_or_name_an_asset"}
}

// CodeNoAssetInList is the code of NoAssetInList.
const CodeNoAssetInList = "no_asset_in_list"

// NoAssetInList: there is no asset {id}
// → remove it from the list
func NoAssetInList(id any) Reason {
	return Reason{ReasonCode: "no_asset_in_list", Params: Params{"id": value(id)}, RemedyCode: "remove_it_from_the_list"}
}

// CodeNoAssetOfField is the code of NoAssetOfField.
const CodeNoAssetOfField = "no_asset_of_field"

// NoAssetOfField: there is no asset “{value}”
// → give the id of an asset of this library
func NoAssetOfField(valueOf any) Reason {
	return Reason{ReasonCode: "no_asset_of_field", Params: Params{"value": value(valueOf)}, RemedyCode: "give_asset_id"}
}

// CodeNoAssetsNamed is the code of NoAssetsNamed.
const CodeNoAssetsNamed = "no_assets_named"

// NoAssetsNamed: no asset is named
// → name assets by id, or give a query
func NoAssetsNamed() Reason {
	return Reason{ReasonCode: "no_assets_named", RemedyCode: "name_assets_or_a_query"}
}

// CodeNoBucketPublishing is the code of NoBucketPublishing.
const CodeNoBucketPublishing = "no_bucket_publishing"

// NoBucketPublishing: this server does not publish to buckets
// → use a folder
func NoBucketPublishing() Reason {
	return Reason{ReasonCode: "no_bucket_publishing", RemedyCode: "use_a_folder"}
}

// CodeNoCampaign is the code of NoCampaign.
const CodeNoCampaign = "no_campaign"

// NoCampaign: there is no campaign {name}
// → see /api/campaigns, or give the name of a new one
func NoCampaign(name any) Reason {
	return Reason{ReasonCode: "no_campaign", Params: Params{"name": value(name)}, RemedyCode: "see_api_campaigns_or_give"}
}

// CodeNoCampaignNamed is the code of NoCampaignNamed.
const CodeNoCampaignNamed = "no_campaign_named"

// NoCampaignNamed: there is no campaign {name}
// → see vitrine campaign list
func NoCampaignNamed(name any) Reason {
	return Reason{ReasonCode: "no_campaign_named", Params: Params{"name": value(name)}, RemedyCode: "see_vitrine_campaign_list"}
}

// CodeNoCatalogAtPath is the code of NoCatalogAtPath.
const CodeNoCatalogAtPath = "no_catalog_at_path"

// NoCatalogAtPath: there is no catalogue at {path}
// → name the server's folder with --data, or its database with --database
func NoCatalogAtPath(path any) Reason {
	return Reason{ReasonCode: "no_catalog_at_path", Params: Params{"path": value(path)}, RemedyCode: "name_the_servers_folder_with_data"}
}

// CodeNoCatchUpPolicy is the code of NoCatchUpPolicy.
const CodeNoCatchUpPolicy = "no_catch_up_policy"

// NoCatchUpPolicy: there is no policy “{policy}”
// → use late, skip or ask
func NoCatchUpPolicy(policy any) Reason {
	return Reason{ReasonCode: "no_catch_up_policy", Params: Params{"policy": value(policy)}, RemedyCode: "use_late_skip_or_ask"}
}

// CodeNoChannel is the code of NoChannel.
const CodeNoChannel = "no_channel"

// NoChannel: there is no channel {channel}
// → see /api/channels
func NoChannel(channel any) Reason {
	return Reason{ReasonCode: "no_channel", Params: Params{"channel": value(channel)}, RemedyCode: "see_api_channels"}
}

// CodeNoChannelKind is the code of NoChannelKind.
const CodeNoChannelKind = "no_channel_kind"

// NoChannelKind: there is no kind of channel “{kind}”
// → see /api/channels/kinds
func NoChannelKind(kind any) Reason {
	return Reason{ReasonCode: "no_channel_kind", Params: Params{"kind": value(kind)}, RemedyCode: "see_api_channels_kinds"}
}

// CodeNoChannelNamed is the code of NoChannelNamed.
const CodeNoChannelNamed = "no_channel_named"

// NoChannelNamed: there is no channel {name}
// → see vitrine channel list
func NoChannelNamed(name any) Reason {
	return Reason{ReasonCode: "no_channel_named", Params: Params{"name": value(name)}, RemedyCode: "see_vitrine_channel_list"}
}

// CodeNoChannelSetting is the code of NoChannelSetting.
const CodeNoChannelSetting = "no_channel_setting"

// NoChannelSetting: {title:channel_kind} has no setting “{name}”
// → it has {known}
func NoChannelSetting(title, name, known any) Reason {
	return Reason{ReasonCode: "no_channel_setting", Params: Params{"title": value(title), "name": value(name), "known": value(known)}, RemedyCode: "it_has_known"}
}

// CodeNoCollectCollection is the code of NoCollectCollection.
const CodeNoCollectCollection = "no_collect_collection"

// NoCollectCollection: there is no collection {collection:q}
// → name one of GET /api/collections
func NoCollectCollection(collection any) Reason {
	return Reason{ReasonCode: "no_collect_collection", Params: Params{"collection": value(collection)}, RemedyCode: "name_one_of_get_api_collections"}
}

// CodeNoCollectionForLimit is the code of NoCollectionForLimit.
const CodeNoCollectionForLimit = "no_collection_for_limit"

// NoCollectionForLimit: there is no collection {id}
// → use the id of a collection of this library
func NoCollectionForLimit(id any) Reason {
	return Reason{ReasonCode: "no_collection_for_limit", Params: Params{"id": value(id)}, RemedyCode: "use_the_id_of_a_collection"}
}

// CodeNoCollectionNamed is the code of NoCollectionNamed.
const CodeNoCollectionNamed = "no_collection_named"

// NoCollectionNamed: there is no collection {name}
// → make it in the portal, or correct the name
func NoCollectionNamed(name any) Reason {
	return Reason{ReasonCode: "no_collection_named", Params: Params{"name": value(name)}, RemedyCode: "make_it_in_the_portal"}
}

// CodeNoDraft is the code of NoDraft.
const CodeNoDraft = "no_draft"

// NoDraft: there is no draft {id}
// → GET /api/publications/drafts lists them
func NoDraft(id any) Reason {
	return Reason{ReasonCode: "no_draft", Params: Params{"id": value(id)}, RemedyCode: "see_the_list_of_drafts"}
}

// CodeNoDraftState is the code of NoDraftState.
const CodeNoDraftState = "no_draft_state"

// NoDraftState: there is no state “{state}” of drafts
// → draft, deleted or planned
func NoDraftState(state any) Reason {
	return Reason{ReasonCode: "no_draft_state", Params: Params{"state": value(state)}, RemedyCode: "choose_a_draft_state"}
}

// CodeNoEncoding is the code of NoEncoding.
const CodeNoEncoding = "no_encoding"

// NoEncoding: {name:q} is no encoding that is known
// → name one of the WHATWG encoding standard, for example windows-1252
func NoEncoding(name any) Reason {
	return Reason{ReasonCode: "no_encoding", Params: Params{"name": value(name)}, RemedyCode: "name_a_known_encoding"}
}

// CodeNoExportColumn is the code of NoExportColumn.
const CodeNoExportColumn = "no_export_column"

// NoExportColumn: there is no column “{name}”
// → use {known}; texts also with a locale, such as title.fr
func NoExportColumn(name, known any) Reason {
	return Reason{ReasonCode: "no_export_column", Params: Params{"name": value(name), "known": value(known)}, RemedyCode: "use_known_texts"}
}

// CodeNoExportFormat is the code of NoExportFormat.
const CodeNoExportFormat = "no_export_format"

// NoExportFormat: there is no format “{format}”
// → use csv, xlsx or jsonl
func NoExportFormat(format any) Reason {
	return Reason{ReasonCode: "no_export_format", Params: Params{"format": value(format)}, RemedyCode: "use_csv_xlsx_or_jsonl"}
}

// CodeNoFamily is the code of NoFamily.
const CodeNoFamily = "no_family"

// NoFamily: there is no family “{key}”
// → add the family first, or use the key of one that is there
func NoFamily(key any) Reason {
	return Reason{ReasonCode: "no_family", Params: Params{"key": value(key)}, RemedyCode: "add_the_family_first"}
}

// CodeNoFeedKey is the code of NoFeedKey.
const CodeNoFeedKey = "no_feed_key"

// NoFeedKey: there is no key to sign feeds with
func NoFeedKey() Reason {
	return Reason{ReasonCode: "no_feed_key"}
}

// CodeNoFieldWithKey is the code of NoFieldWithKey.
const CodeNoFieldWithKey = "no_field_with_key"

// NoFieldWithKey: there is no field {key}
// → see vitrine field list
func NoFieldWithKey(key any) Reason {
	return Reason{ReasonCode: "no_field_with_key", Params: Params{"key": value(key)}, RemedyCode: "see_vitrine_field_list"}
}

// CodeNoFolderAtPath is the code of NoFolderAtPath.
const CodeNoFolderAtPath = "no_folder_at_path"

// NoFolderAtPath: there is no folder {path}
// → name a store or the folder of a backup
func NoFolderAtPath(path any) Reason {
	return Reason{ReasonCode: "no_folder_at_path", Params: Params{"path": value(path)}, RemedyCode: "name_a_store_or_the_folder"}
}

// CodeNoFolderPublishing is the code of NoFolderPublishing.
const CodeNoFolderPublishing = "no_folder_publishing"

// NoFolderPublishing: this server does not publish to folders
// → use a bucket, or let the operator name a folder
func NoFolderPublishing() Reason {
	return Reason{ReasonCode: "no_folder_publishing", RemedyCode: "use_a_bucket_or_let"}
}

// CodeNoGeneration is the code of NoGeneration.
const CodeNoGeneration = "no_generation"

// NoGeneration: there is no generation {name}
// → there are: {names}
func NoGeneration(name, names any) Reason {
	return Reason{ReasonCode: "no_generation", Params: Params{"name": value(name), "names": value(names)}, RemedyCode: "choose_of_names"}
}

// CodeNoImportFormat is the code of NoImportFormat.
const CodeNoImportFormat = "no_import_format"

// NoImportFormat: there is no format “{format}”
// → use csv or jsonl
func NoImportFormat(format any) Reason {
	return Reason{ReasonCode: "no_import_format", Params: Params{"format": value(format)}, RemedyCode: "use_csv_or_jsonl"}
}

// CodeNoInstagramAccount is the code of NoInstagramAccount.
const CodeNoInstagramAccount = "no_instagram_account"

// NoInstagramAccount: no professional Instagram account is linked to the page {name}
// → connect the channel again with valid credentials
func NoInstagramAccount(name any) Reason {
	return Reason{ReasonCode: "no_instagram_account", Params: Params{"name": value(name)}, RemedyCode: "connect_again"}
}

// CodeNoJob is the code of NoJob.
const CodeNoJob = "no_job"

// NoJob: there is no job {id}
// → it may have ended and been forgotten
func NoJob(id any) Reason {
	return Reason{ReasonCode: "no_job", Params: Params{"id": value(id)}, RemedyCode: "it_may_have_ended_and_been"}
}

// CodeNoKeyFile is the code of NoKeyFile.
const CodeNoKeyFile = "no_key_file"

// NoKeyFile: there is no key file in {data}
// → name the server's folder with --data, or give the key in VITRINE_SECRET_KEY
func NoKeyFile(data any) Reason {
	return Reason{ReasonCode: "no_key_file", Params: Params{"data": value(data)}, RemedyCode: "name_data_folder_or_key"}
}

// CodeNoKnownPicture is the code of NoKnownPicture.
const CodeNoKnownPicture = "no_known_picture"

// NoKnownPicture: no picture that is known here
func NoKnownPicture() Reason {
	return Reason{ReasonCode: "no_known_picture"}
}

// CodeNoLibraryNamed is the code of NoLibraryNamed.
const CodeNoLibraryNamed = "no_library_named"

// NoLibraryNamed: there is no library {name}
// → name one of these: {ids}
func NoLibraryNamed(name, ids any) Reason {
	return Reason{ReasonCode: "no_library_named", Params: Params{"name": value(name), "ids": value(ids)}, RemedyCode: "name_one_of_these"}
}

// CodeNoLinkToTag is the code of NoLinkToTag.
const CodeNoLinkToTag = "no_link_to_tag"

// NoLinkToTag: there is no link to tag
// → give a link, or leave the tags out
func NoLinkToTag() Reason {
	return Reason{ReasonCode: "no_link_to_tag", RemedyCode: "give_a_link_or_leave"}
}

// CodeNoMovingPicture is the code of NoMovingPicture.
const CodeNoMovingPicture = "no_moving_picture"

// NoMovingPicture: the file has no moving picture inside
// → the original can be downloaded
func NoMovingPicture() Reason {
	return Reason{ReasonCode: "no_moving_picture", RemedyCode: "the_original_can_be_downloaded"}
}

// CodeNoOnDuplicateChoice is the code of NoOnDuplicateChoice.
const CodeNoOnDuplicateChoice = "no_on_duplicate_choice"

// NoOnDuplicateChoice: there is no choice “{value}”
// → use ask or keep
func NoOnDuplicateChoice(valueOf any) Reason {
	return Reason{ReasonCode: "no_on_duplicate_choice", Params: Params{"value": value(valueOf)}, RemedyCode: "use_ask_or_keep"}
}

// CodeNoPageManaged is the code of NoPageManaged.
const CodeNoPageManaged = "no_page_managed"

// NoPageManaged: this person manages no page, or left it out when agreeing
// → connect as somebody who does, and choose the page
func NoPageManaged() Reason {
	return Reason{ReasonCode: "no_page_managed", RemedyCode: "connect_as_somebody_who_does"}
}

// CodeNoParentCollection is the code of NoParentCollection.
const CodeNoParentCollection = "no_parent_collection"

// NoParentCollection: there is no collection {id} to put it into
// → use the id of a collection of this library
func NoParentCollection(id any) Reason {
	return Reason{ReasonCode: "no_parent_collection", Params: Params{"id": value(id)}, RemedyCode: "use_the_id_of_a_collection"}
}

// CodeNoParentProduct is the code of NoParentProduct.
const CodeNoParentProduct = "no_parent_product"

// NoParentProduct: there is no product {sku} to be a variant of
// → add that product, or correct its SKU
func NoParentProduct(sku any) Reason {
	return Reason{ReasonCode: "no_parent_product", Params: Params{"sku": value(sku)}, RemedyCode: "add_the_parent_first"}
}

// CodeNoPersonOfField is the code of NoPersonOfField.
const CodeNoPersonOfField = "no_person_of_field"

// NoPersonOfField: there is no person “{value}” here, or several
// → give the person's id or e-mail address
func NoPersonOfField(valueOf any) Reason {
	return Reason{ReasonCode: "no_person_of_field", Params: Params{"value": value(valueOf)}, RemedyCode: "give_id_or_email"}
}

// CodeNoPictureBecause is the code of NoPictureBecause.
const CodeNoPictureBecause = "no_picture_because"

// NoPictureBecause: {why}
// → download the original instead
func NoPictureBecause(why any) Reason {
	return Reason{ReasonCode: "no_picture_because", Params: Params{"why": value(why)}, RemedyCode: "download_the_original_instead"}
}

// CodeNoPictureInPreset is the code of NoPictureInPreset.
const CodeNoPictureInPreset = "no_picture_in_preset"

// NoPictureInPreset: there is no picture of this version in this preset
// → make the renditions again, or download the original
func NoPictureInPreset() Reason {
	return Reason{ReasonCode: "no_picture_in_preset", RemedyCode: "make_the_renditions_again_or_download"}
}

// CodeNoPictureOfFile is the code of NoPictureOfFile.
const CodeNoPictureOfFile = "no_picture_of_file"

// NoPictureOfFile: no picture could be made of the file
// → export it again from the program that made it; the original can be downloaded
func NoPictureOfFile() Reason {
	return Reason{ReasonCode: "no_picture_of_file", RemedyCode: "export_again_from_program"}
}

// CodeNoPictureThere is the code of NoPictureThere.
const CodeNoPictureThere = "no_picture_there"

// NoPictureThere: there is no picture
func NoPictureThere() Reason {
	return Reason{ReasonCode: "no_picture_there"}
}

// CodeNoPictureToPin is the code of NoPictureToPin.
const CodeNoPictureToPin = "no_picture_to_pin"

// NoPictureToPin: there is no picture to pin
// → choose a preset
func NoPictureToPin() Reason {
	return Reason{ReasonCode: "no_picture_to_pin", RemedyCode: "choose_a_preset"}
}

// CodeNoPictureToPost is the code of NoPictureToPost.
const CodeNoPictureToPost = "no_picture_to_post"

// NoPictureToPost: there is no picture to post
// → choose a preset
func NoPictureToPost() Reason {
	return Reason{ReasonCode: "no_picture_to_post", RemedyCode: "choose_a_preset"}
}

// CodeNoPicturesOnDemand is the code of NoPicturesOnDemand.
const CodeNoPicturesOnDemand = "no_pictures_on_demand"

// NoPicturesOnDemand: this server makes no pictures on demand
func NoPicturesOnDemand() Reason {
	return Reason{ReasonCode: "no_pictures_on_demand"}
}

// CodeNoPostThere is the code of NoPostThere.
const CodeNoPostThere = "no_post_there"

// NoPostThere: there is no post
func NoPostThere() Reason {
	return Reason{ReasonCode: "no_post_there"}
}

// CodeNoPostToUpdate is the code of NoPostToUpdate.
const CodeNoPostToUpdate = "no_post_to_update"

// NoPostToUpdate: this asset has no post {post} on {name}
// → leave update out to make a post of its own
func NoPostToUpdate(post, name any) Reason {
	return Reason{ReasonCode: "no_post_to_update", Params: Params{"post": value(post), "name": value(name)}, RemedyCode: "leave_update_out"}
}

// CodeNoPresetChosen is the code of NoPresetChosen.
const CodeNoPresetChosen = "no_preset_chosen"

// NoPresetChosen: no preset was chosen, and the channel's rule names none
// → choose at least one
func NoPresetChosen() Reason {
	return Reason{ReasonCode: "no_preset_chosen", RemedyCode: "choose_at_least_one"}
}

// CodeNoPresetInFile is the code of NoPresetInFile.
const CodeNoPresetInFile = "no_preset_in_file"

// NoPresetInFile: there is no preset in the file
// → vitrine preset show prints one
func NoPresetInFile() Reason {
	return Reason{ReasonCode: "no_preset_in_file", RemedyCode: "see_preset_show"}
}

// CodeNoPresetKnown is the code of NoPresetKnown.
const CodeNoPresetKnown = "no_preset_known"

// NoPresetKnown: there is no preset “{preset}”
func NoPresetKnown(preset any) Reason {
	return Reason{ReasonCode: "no_preset_known", Params: Params{"preset": value(preset)}}
}

// CodeNoPresetListed is the code of NoPresetListed.
const CodeNoPresetListed = "no_preset_listed"

// NoPresetListed: there is no preset “{preset}”
// → GET /api/presets lists them
func NoPresetListed(preset any) Reason {
	return Reason{ReasonCode: "no_preset_listed", Params: Params{"preset": value(preset)}, RemedyCode: "get_api_presets_lists_them"}
}

// CodeNoPresetQuoted is the code of NoPresetQuoted.
const CodeNoPresetQuoted = "no_preset_quoted"

// NoPresetQuoted: there is no preset “{name}”
// → see /api/presets
func NoPresetQuoted(name any) Reason {
	return Reason{ReasonCode: "no_preset_quoted", Params: Params{"name": value(name)}, RemedyCode: "see_api_presets"}
}

// CodeNoProduct is the code of NoProduct.
const CodeNoProduct = "no_product"

// NoProduct: there is no product {sku}
// → check the SKU and the library; import the product first
func NoProduct(sku any) Reason {
	return Reason{ReasonCode: "no_product", Params: Params{"sku": value(sku)}, RemedyCode: "check_the_sku_and_the_library"}
}

// CodeNoProductOfField is the code of NoProductOfField.
const CodeNoProductOfField = "no_product_of_field"

// NoProductOfField: there is no product “{value}”
// → give the SKU of a product of this library
func NoProductOfField(valueOf any) Reason {
	return Reason{ReasonCode: "no_product_of_field", Params: Params{"value": value(valueOf)}, RemedyCode: "give_sku"}
}

// CodeNoPublicationState is the code of NoPublicationState.
const CodeNoPublicationState = "no_publication_state"

// NoPublicationState: there is no state “{state}”
// → leave it out to see all
func NoPublicationState(state any) Reason {
	return Reason{ReasonCode: "no_publication_state", Params: Params{"state": value(state)}, RemedyCode: "leave_it_out_to_see_all"}
}

// CodeNoRenderProcess is the code of NoRenderProcess.
const CodeNoRenderProcess = "no_render_process"

// NoRenderProcess: no process for the rendition could be started
// → try again in a minute
func NoRenderProcess() Reason {
	return Reason{ReasonCode: "no_render_process", RemedyCode: "try_again_in_a_minute"}
}

// CodeNoRenditionFits is the code of NoRenditionFits.
const CodeNoRenditionFits = "no_rendition_fits"

// NoRenditionFits: none of the chosen renditions fits the channel: {why:list}
func NoRenditionFits(why any) Reason {
	return Reason{ReasonCode: "no_rendition_fits", Params: Params{"why": value(why)}}
}

// CodeNoRenditionOfPreset is the code of NoRenditionOfPreset.
const CodeNoRenditionOfPreset = "no_rendition_of_preset"

// NoRenditionOfPreset: the asset has no rendition of this preset
// → check the preset's name; files without pictures have no renditions
func NoRenditionOfPreset() Reason {
	return Reason{ReasonCode: "no_rendition_of_preset", RemedyCode: "check_the_presets_name"}
}

// CodeNoRenditionThatSmall is the code of NoRenditionThatSmall.
const CodeNoRenditionThatSmall = "no_rendition_that_small"

// NoRenditionThatSmall: no rendition is that small
// → ask for a larger one
func NoRenditionThatSmall() Reason {
	return Reason{ReasonCode: "no_rendition_that_small", RemedyCode: "ask_larger"}
}

// CodeNoRequiredSlot is the code of NoRequiredSlot.
const CodeNoRequiredSlot = "no_required_slot"

// NoRequiredSlot: there is none
// → name at least one, such as hero
func NoRequiredSlot() Reason {
	return Reason{ReasonCode: "no_required_slot", RemedyCode: "name_at_least_one"}
}

// CodeNoResolveAction is the code of NoResolveAction.
const CodeNoResolveAction = "no_resolve_action"

// NoResolveAction: there is no action “{action}”
// → use bin, collect or distinct
func NoResolveAction(action any) Reason {
	return Reason{ReasonCode: "no_resolve_action", Params: Params{"action": value(action)}, RemedyCode: "use_bin_collect_or_distinct"}
}

// CodeNoRoleInLibrary is the code of NoRoleInLibrary.
const CodeNoRoleInLibrary = "no_role_in_library"

// NoRoleInLibrary: no role, group or grant allows anything in the library {library}
// → ask an administrator
func NoRoleInLibrary(library any) Reason {
	return Reason{ReasonCode: "no_role_in_library", Params: Params{"library": value(library)}, RemedyCode: "ask_an_administrator"}
}

// CodeNoRoleOfField is the code of NoRoleOfField.
const CodeNoRoleOfField = "no_role_of_field"

// NoRoleOfField: there is no role “{role}” in the library
// → use a ready-made role or one that the library has made
func NoRoleOfField(role any) Reason {
	return Reason{ReasonCode: "no_role_of_field", Params: Params{"role": value(role)}, RemedyCode: "use_a_role_of_the_library"}
}

// CodeNoRoomForUpload is the code of NoRoomForUpload.
const CodeNoRoomForUpload = "no_room_for_upload"

// NoRoomForUpload: the server has no room for this file: the disk of the {names} is almost full
// → ask an administrator to make room, then send it again
func NoRoomForUpload(names any) Reason {
	return Reason{ReasonCode: "no_room_for_upload", Params: Params{"names": value(names)}, RemedyCode: "ask_an_administrator_to_make_room"}
}

// CodeNoRoomForWork is the code of NoRoomForWork.
const CodeNoRoomForWork = "no_room_for_work"

// NoRoomForWork: the server has no room to work on this file: the disk of the {name} is almost full
// → ask an administrator to make room, then try again
func NoRoomForWork(name any) Reason {
	return Reason{ReasonCode: "no_room_for_work", Params: Params{"name": value(name)}, RemedyCode: "have_room_made"}
}

// CodeNoScreen is the code of NoScreen.
const CodeNoScreen = "no_screen"

// NoScreen: there is no screen {id}
// → list the screens again
func NoScreen(id any) Reason {
	return Reason{ReasonCode: "no_screen", Params: Params{"id": value(id)}, RemedyCode: "list_the_screens_again"}
}

// CodeNoScreenGroup is the code of NoScreenGroup.
const CodeNoScreenGroup = "no_screen_group"

// NoScreenGroup: there is no screen group {channel}
// → see vitrine channel list
func NoScreenGroup(channel any) Reason {
	return Reason{ReasonCode: "no_screen_group", Params: Params{"channel": value(channel)}, RemedyCode: "see_vitrine_channel_list"}
}

// CodeNoServerAnswers is the code of NoServerAnswers.
const CodeNoServerAnswers = "no_server_answers"

// NoServerAnswers: no server answers at {listen}
// → name its address with --listen
func NoServerAnswers(listen any) Reason {
	return Reason{ReasonCode: "no_server_answers", Params: Params{"listen": value(listen)}, RemedyCode: "name_its_address_with_listen"}
}

// CodeNoSheetFormat is the code of NoSheetFormat.
const CodeNoSheetFormat = "no_sheet_format"

// NoSheetFormat: “{format}” is no format of tables
// → send csv or xlsx
func NoSheetFormat(format any) Reason {
	return Reason{ReasonCode: "no_sheet_format", Params: Params{"format": value(format)}, RemedyCode: "send_csv_or_xlsx"}
}

// CodeNoSheetKey is the code of NoSheetKey.
const CodeNoSheetKey = "no_sheet_key"

// NoSheetKey: rows are found by a column {keys}; “{key}” is none, or not there
// → name the column that says which asset a row is about
func NoSheetKey(keys, key any) Reason {
	return Reason{ReasonCode: "no_sheet_key", Params: Params{"keys": value(keys), "key": value(key)}, RemedyCode: "name_a_sheet_key"}
}

// CodeNoSiblingCollection is the code of NoSiblingCollection.
const CodeNoSiblingCollection = "no_sibling_collection"

// NoSiblingCollection: there is no collection {id} in that parent
// → name another one
func NoSiblingCollection(id any) Reason {
	return Reason{ReasonCode: "no_sibling_collection", Params: Params{"id": value(id)}, RemedyCode: "name_another_sibling"}
}

// CodeNoSigningKey is the code of NoSigningKey.
const CodeNoSigningKey = "no_signing_key"

// NoSigningKey: there is no signing key
// → configure one
func NoSigningKey() Reason {
	return Reason{ReasonCode: "no_signing_key", RemedyCode: "configure_one"}
}

// CodeNoSkuColumn is the code of NoSkuColumn.
const CodeNoSkuColumn = "no_sku_column"

// NoSkuColumn: there is no column sku
// → its first line names the columns: sku, gtin, name_en, …; they are separated by commas, semicolons or tabs
func NoSkuColumn() Reason {
	return Reason{ReasonCode: "no_sku_column", RemedyCode: "its_first_line_names_the_columns_sku"}
}

// CodeNoSound is the code of NoSound.
const CodeNoSound = "no_sound"

// NoSound: the file has no sound inside
// → the original can be downloaded
func NoSound() Reason {
	return Reason{ReasonCode: "no_sound", RemedyCode: "the_original_can_be_downloaded"}
}

// CodeNoSuccessorAsset is the code of NoSuccessorAsset.
const CodeNoSuccessorAsset = "no_successor_asset"

// NoSuccessorAsset: there is no asset {asset}
// → name an asset of this library
func NoSuccessorAsset(asset any) Reason {
	return Reason{ReasonCode: "no_successor_asset", Params: Params{"asset": value(asset)}, RemedyCode: "name_an_asset_of_this_library"}
}

// CodeNoSuchField is the code of NoSuchField.
const CodeNoSuchField = "no_such_field"

// NoSuchField: there is no such field
func NoSuchField() Reason {
	return Reason{ReasonCode: "no_such_field"}
}

// CodeNoSuchPage is the code of NoSuchPage.
const CodeNoSuchPage = "no_such_page"

// NoSuchPage: the document has no such page
// → pages are counted from 1
func NoSuchPage() Reason {
	return Reason{ReasonCode: "no_such_page", RemedyCode: "pages_are_counted_from_1"}
}

// CodeNoSuchParameter is the code of NoSuchParameter.
const CodeNoSuchParameter = "no_such_parameter"

// NoSuchParameter: there is no such parameter
func NoSuchParameter() Reason {
	return Reason{ReasonCode: "no_such_parameter"}
}

// CodeNoSuchTarget is the code of NoSuchTarget.
const CodeNoSuchTarget = "no_such_target"

// NoSuchTarget: the account has no place “{value}” to publish to
// → vitrine channel targets lists them
func NoSuchTarget(valueOf any) Reason {
	return Reason{ReasonCode: "no_such_target", Params: Params{"value": value(valueOf)}, RemedyCode: "list_the_targets"}
}

// CodeNoSuchValue is the code of NoSuchValue.
const CodeNoSuchValue = "no_such_value"

// NoSuchValue: there is no “{value}”
func NoSuchValue(valueOf any) Reason {
	return Reason{ReasonCode: "no_such_value", Params: Params{"value": value(valueOf)}}
}

// CodeNoTermAbove is the code of NoTermAbove.
const CodeNoTermAbove = "no_term_above"

// NoTermAbove: the vocabulary has no term {id}
// → use the id of a term of the vocabulary
func NoTermAbove(id any) Reason {
	return Reason{ReasonCode: "no_term_above", Params: Params{"id": value(id)}, RemedyCode: "name_a_term"}
}

// CodeNoTermOfField is the code of NoTermOfField.
const CodeNoTermOfField = "no_term_of_field"

// NoTermOfField: the vocabulary has no term “{value}”
// → use its id, or a label or synonym that is unique
func NoTermOfField(valueOf any) Reason {
	return Reason{ReasonCode: "no_term_of_field", Params: Params{"value": value(valueOf)}, RemedyCode: "use_id_label_or_synonym"}
}

// CodeNoTimeZone is the code of NoTimeZone.
const CodeNoTimeZone = "no_time_zone"

// NoTimeZone: there is no time zone “{zone}”
// → use an IANA name such as Europe/Paris
func NoTimeZone(zone any) Reason {
	return Reason{ReasonCode: "no_time_zone", Params: Params{"zone": value(zone)}, RemedyCode: "use_an_iana_name"}
}

// CodeNoTraceExporter is the code of NoTraceExporter.
const CodeNoTraceExporter = "no_trace_exporter"

// NoTraceExporter: there is no exporter {exporter}
// → use otlp, or none
func NoTraceExporter(exporter any) Reason {
	return Reason{ReasonCode: "no_trace_exporter", Params: Params{"exporter": value(exporter)}, RemedyCode: "use_otlp_or_none"}
}

// CodeNoUpload is the code of NoUpload.
const CodeNoUpload = "no_upload"

// NoUpload: there is no upload {id} here
// → start the upload again
func NoUpload(id any) Reason {
	return Reason{ReasonCode: "no_upload", Params: Params{"id": value(id)}, RemedyCode: "start_the_upload_again"}
}

// CodeNoUser is the code of NoUser.
const CodeNoUser = "no_user"

// NoUser: there is no user {id} in this library
// → check the id
func NoUser(id any) Reason {
	return Reason{ReasonCode: "no_user", Params: Params{"id": value(id)}, RemedyCode: "check_the_id_2"}
}

// CodeNoVersionApproved is the code of NoVersionApproved.
const CodeNoVersionApproved = "no_version_approved"

// NoVersionApproved: no version of the asset is approved
// → approve it first
func NoVersionApproved() Reason {
	return Reason{ReasonCode: "no_version_approved", RemedyCode: "approve_it_first"}
}

// CodeNoVideoInMaking is the code of NoVideoInMaking.
const CodeNoVideoInMaking = "no_video_in_making"

// NoVideoInMaking: no video is being made of this preset
// → nothing is left to do
func NoVideoInMaking() Reason {
	return Reason{ReasonCode: "no_video_in_making", RemedyCode: "nothing_is_left_to_do"}
}

// CodeNoVideoToPublish is the code of NoVideoToPublish.
const CodeNoVideoToPublish = "no_video_to_publish"

// NoVideoToPublish: there is no video to publish
// → choose a preset of video
func NoVideoToPublish() Reason {
	return Reason{ReasonCode: "no_video_to_publish", RemedyCode: "choose_a_preset_of_video"}
}

// CodeNoVocabularyOfField is the code of NoVocabularyOfField.
const CodeNoVocabularyOfField = "no_vocabulary_of_field"

// NoVocabularyOfField: the library has no vocabulary {id}
// → see the library’s vocabularies
func NoVocabularyOfField(id any) Reason {
	return Reason{ReasonCode: "no_vocabulary_of_field", Params: Params{"id": value(id)}, RemedyCode: "see_its_vocabularies"}
}

// CodeNoWalls is the code of NoWalls.
const CodeNoWalls = "no_walls"

// NoWalls: this machine allows neither bubblewrap nor Landlock to wall programs off
// → install bubblewrap and allow unprivileged user namespaces, or use a kernel with Landlock (5.13 or newer)
func NoWalls() Reason {
	return Reason{ReasonCode: "no_walls", RemedyCode: "install_bubblewrap_and_allow_unprivileged_user"}
}

// CodeNoWoocommerce is the code of NoWoocommerce.
const CodeNoWoocommerce = "no_woocommerce"

// NoWoocommerce: there is no WooCommerce on this site
// → connect the channel again with valid credentials
func NoWoocommerce() Reason {
	return Reason{ReasonCode: "no_woocommerce", RemedyCode: "connect_again"}
}

// CodeNoWordpressApi is the code of NoWordpressApi.
const CodeNoWordpressApi = "no_wordpress_api"

// NoWordpressApi: there is no WordPress REST API at this address
// → connect the channel again with valid credentials
func NoWordpressApi() Reason {
	return Reason{ReasonCode: "no_wordpress_api", RemedyCode: "connect_again"}
}

// CodeNoYoutubeChannel is the code of NoYoutubeChannel.
const CodeNoYoutubeChannel = "no_youtube_channel"

// NoYoutubeChannel: the account has no channel on YouTube
// → connect the channel again with valid credentials
func NoYoutubeChannel() Reason {
	return Reason{ReasonCode: "no_youtube_channel", RemedyCode: "connect_again"}
}

// CodeNodeStopped is the code of NodeStopped.
const CodeNodeStopped = "node_stopped"

// NodeStopped: its node was stopped
func NodeStopped() Reason {
	return Reason{ReasonCode: "node_stopped"}
}

// CodeNodeStopping is the code of NodeStopping.
const CodeNodeStopping = "node_stopping"

// NodeStopping: stopping
// → ask another node, or again in a moment
func NodeStopping() Reason {
	return Reason{ReasonCode: "node_stopping", RemedyCode: "ask_another_node_or_again"}
}

// CodeNotABackup is the code of NotABackup.
const CodeNotABackup = "not_a_backup"

// NotABackup: this is no backup: it has no folder {objects_dir}
// → name the folder that vitrine backup wrote to
func NotABackup(objectsDir any) Reason {
	return Reason{ReasonCode: "not_a_backup", Params: Params{"objects_dir": value(objectsDir)}, RemedyCode: "name_the_folder_that_vitrine_backup"}
}

// CodeNotABoolean is the code of NotABoolean.
const CodeNotABoolean = "not_a_boolean"

// NotABoolean: this is neither true nor false
// → use true or false
func NotABoolean() Reason {
	return Reason{ReasonCode: "not_a_boolean", RemedyCode: "use_true_or_false"}
}

// CodeNotACaptureTime is the code of NotACaptureTime.
const CodeNotACaptureTime = "not_a_capture_time"

// NotACaptureTime: not a capture time
// → send {"wall": "2026-05-01T10:30:00", "offset": "+02:00"}
func NotACaptureTime() Reason {
	return Reason{ReasonCode: "not_a_capture_time", RemedyCode: "send_wall"}
}

// CodeNotAChoice is the code of NotAChoice.
const CodeNotAChoice = "not_a_choice"

// NotAChoice: “{value}” is not one of the choices
// → use {choices}
func NotAChoice(valueOf, choices any) Reason {
	return Reason{ReasonCode: "not_a_choice", Params: Params{"value": value(valueOf), "choices": value(choices)}, RemedyCode: "use_choices"}
}

// CodeNotACollectorAddress is the code of NotACollectorAddress.
const CodeNotACollectorAddress = "not_a_collector_address"

// NotACollectorAddress: this is no address of a collector
// → write it with its scheme, such as http://collector:4318
func NotACollectorAddress() Reason {
	return Reason{ReasonCode: "not_a_collector_address", RemedyCode: "write_it_with_its_scheme"}
}

// CodeNotACountry is the code of NotACountry.
const CodeNotACountry = "not_a_country"

// NotACountry: “{code}” is not a country code
// → use ISO 3166-1 alpha-2 codes such as FR or CA
func NotACountry(code any) Reason {
	return Reason{ReasonCode: "not_a_country", Params: Params{"code": value(code)}, RemedyCode: "use_iso_3166_1_alpha_2"}
}

// CodeNotACurrency is the code of NotACurrency.
const CodeNotACurrency = "not_a_currency"

// NotACurrency: {currency:q} is no currency
// → use an ISO 4217 code such as EUR
func NotACurrency(currency any) Reason {
	return Reason{ReasonCode: "not_a_currency", Params: Params{"currency": value(currency)}, RemedyCode: "use_an_iso_4217_code"}
}

// CodeNotACursorOfLog is the code of NotACursorOfLog.
const CodeNotACursorOfLog = "not_a_cursor_of_log"

// NotACursorOfLog: this is no place in the log
// → send the cursor that came with the last event or snapshot, or nothing to begin anew
func NotACursorOfLog() Reason {
	return Reason{ReasonCode: "not_a_cursor_of_log", RemedyCode: "send_the_cursor_that_came"}
}

// CodeNotADate is the code of NotADate.
const CodeNotADate = "not_a_date"

// NotADate: not a date
// → write it as YYYY-MM-DD
func NotADate() Reason {
	return Reason{ReasonCode: "not_a_date", RemedyCode: "write_it_as_yyyy_mm_dd"}
}

// CodeNotADateUnit is the code of NotADateUnit.
const CodeNotADateUnit = "not_a_date_unit"

// NotADateUnit: dates are not counted by “{unit}”
// → use {name}:year, {name}:month or {name}:day
func NotADateUnit(unit, name any) Reason {
	return Reason{ReasonCode: "not_a_date_unit", Params: Params{"unit": value(unit), "name": value(name)}, RemedyCode: "use_name_year"}
}

// CodeNotAFieldBoolean is the code of NotAFieldBoolean.
const CodeNotAFieldBoolean = "not_a_field_boolean"

// NotAFieldBoolean: this is neither true nor false
// → send true or false
func NotAFieldBoolean() Reason {
	return Reason{ReasonCode: "not_a_field_boolean", RemedyCode: "send_true_or_false"}
}

// CodeNotAFieldChoice is the code of NotAFieldChoice.
const CodeNotAFieldChoice = "not_a_field_choice"

// NotAFieldChoice: “{value}” is not one of the choices
// → use one of {choices}
func NotAFieldChoice(valueOf, choices any) Reason {
	return Reason{ReasonCode: "not_a_field_choice", Params: Params{"value": value(valueOf), "choices": value(choices)}, RemedyCode: "choose_of_choices"}
}

// CodeNotAFieldDate is the code of NotAFieldDate.
const CodeNotAFieldDate = "not_a_field_date"

// NotAFieldDate: this is not a date
// → write it as YYYY-MM-DD
func NotAFieldDate() Reason {
	return Reason{ReasonCode: "not_a_field_date", RemedyCode: "write_it_as_yyyy_mm_dd"}
}

// CodeNotAFieldDateTime is the code of NotAFieldDateTime.
const CodeNotAFieldDateTime = "not_a_field_date_time"

// NotAFieldDateTime: this is not a time
// → write it as 2026-05-31T14:30:00+02:00, or without an offset in the library's zone
func NotAFieldDateTime() Reason {
	return Reason{ReasonCode: "not_a_field_date_time", RemedyCode: "write_it_as_rfc3339"}
}

// CodeNotAFieldNumber is the code of NotAFieldNumber.
const CodeNotAFieldNumber = "not_a_field_number"

// NotAFieldNumber: this is not a number with at most three decimals
// → send a JSON number such as 12.5
func NotAFieldNumber() Reason {
	return Reason{ReasonCode: "not_a_field_number", RemedyCode: "send_a_json_number"}
}

// CodeNotAFieldUrl is the code of NotAFieldUrl.
const CodeNotAFieldUrl = "not_a_field_url"

// NotAFieldUrl: this is not a web address
// → write it whole, beginning with https://
func NotAFieldUrl() Reason {
	return Reason{ReasonCode: "not_a_field_url", RemedyCode: "begin_with_https"}
}

// CodeNotAHostName is the code of NotAHostName.
const CodeNotAHostName = "not_a_host_name"

// NotAHostName: {host:q} is no host name
// → write it as browsers send it, without scheme, port and path, international names as xn--…
func NotAHostName(host any) Reason {
	return Reason{ReasonCode: "not_a_host_name", Params: Params{"host": value(host)}, RemedyCode: "write_hosts_as_browsers_send_them"}
}

// CodeNotAJsonObject is the code of NotAJsonObject.
const CodeNotAJsonObject = "not_a_json_object"

// NotAJsonObject: this is not JSON
// → write an object
func NotAJsonObject() Reason {
	return Reason{ReasonCode: "not_a_json_object", RemedyCode: "write_an_object"}
}

// CodeNotALanguageTag is the code of NotALanguageTag.
const CodeNotALanguageTag = "not_a_language_tag"

// NotALanguageTag: this is not a language tag
// → use a BCP 47 tag such as en or fr-CA
func NotALanguageTag() Reason {
	return Reason{ReasonCode: "not_a_language_tag", RemedyCode: "use_a_bcp_47_tag"}
}

// CodeNotALocale is the code of NotALocale.
const CodeNotALocale = "not_a_locale"

// NotALocale: {locale:q} is not a locale
// → use a language tag such as en, fr or fr-CA
func NotALocale(locale any) Reason {
	return Reason{ReasonCode: "not_a_locale", Params: Params{"locale": value(locale)}, RemedyCode: "use_a_language_tag"}
}

// CodeNotAMedium is the code of NotAMedium.
const CodeNotAMedium = "not_a_medium"

// NotAMedium: “{medium}” is not a medium
// → use one of web, store, social, screen, print, email, ads, other
func NotAMedium(medium any) Reason {
	return Reason{ReasonCode: "not_a_medium", Params: Params{"medium": value(medium)}, RemedyCode: "use_one_of_the_media"}
}

// CodeNotAMoment is the code of NotAMoment.
const CodeNotAMoment = "not_a_moment"

// NotAMoment: this is neither a day nor a minute
// → write a day as YYYY-MM-DD, a minute as YYYY-MM-DDTHH:MM, by the library’s clock
func NotAMoment() Reason {
	return Reason{ReasonCode: "not_a_moment", RemedyCode: "write_it_as_a_day_or_a_minute"}
}

// CodeNotAPageCursor is the code of NotAPageCursor.
const CodeNotAPageCursor = "not_a_page_cursor"

// NotAPageCursor: this is not a cursor of this server
// → pass “next” of the previous answer as it was
func NotAPageCursor() Reason {
	return Reason{ReasonCode: "not_a_page_cursor", RemedyCode: "pass_next_of_the_previous_answer"}
}

// CodeNotAPageLink is the code of NotAPageLink.
const CodeNotAPageLink = "not_a_page_link"

// NotAPageLink: this is not a link to a page
// → write it as https://example.com/page
func NotAPageLink() Reason {
	return Reason{ReasonCode: "not_a_page_link", RemedyCode: "write_it_as_https_example_com"}
}

// CodeNotAPageNumber is the code of NotAPageNumber.
const CodeNotAPageNumber = "not_a_page_number"

// NotAPageNumber: a page is a number from 1
// → leave it out for the first page
func NotAPageNumber() Reason {
	return Reason{ReasonCode: "not_a_page_number", RemedyCode: "leave_it_out_for_the_first"}
}

// CodeNotAPageToken is the code of NotAPageToken.
const CodeNotAPageToken = "not_a_page_token"

// NotAPageToken: this is not the token of a page
// → connect the channel again with valid credentials
func NotAPageToken() Reason {
	return Reason{ReasonCode: "not_a_page_token", RemedyCode: "connect_again"}
}

// CodeNotAPictureOfSite is the code of NotAPictureOfSite.
const CodeNotAPictureOfSite = "not_a_picture_of_site"

// NotAPictureOfSite: this is no picture of this site
// → give the public URL of a rendition
func NotAPictureOfSite() Reason {
	return Reason{ReasonCode: "not_a_picture_of_site", RemedyCode: "give_the_public_url"}
}

// CodeNotAPixelNumber is the code of NotAPixelNumber.
const CodeNotAPixelNumber = "not_a_pixel_number"

// NotAPixelNumber: this is no number of pixels
// → leave it out or give a whole number above 0
func NotAPixelNumber() Reason {
	return Reason{ReasonCode: "not_a_pixel_number", RemedyCode: "leave_it_out_or_give"}
}

// CodeNotAPublicUrl is the code of NotAPublicUrl.
const CodeNotAPublicUrl = "not_a_public_url"

// NotAPublicUrl: this is no public URL of a picture or a product
// → copy it from the page: …/r/… or …/p/…
func NotAPublicUrl() Reason {
	return Reason{ReasonCode: "not_a_public_url", RemedyCode: "copy_it_from_the_page"}
}

// CodeNotARate is the code of NotARate.
const CodeNotARate = "not_a_rate"

// NotARate: {rate} is not a rate
// → write 25/1440 for 25 in a day
func NotARate(rate any) Reason {
	return Reason{ReasonCode: "not_a_rate", Params: Params{"rate": value(rate)}, RemedyCode: "write_25_1440_for_25"}
}

// CodeNotAScheduleSlot is the code of NotAScheduleSlot.
const CodeNotAScheduleSlot = "not_a_schedule_slot"

// NotAScheduleSlot: a slot is a day and a time of day
// → write {"day": "mon", "at": "09:00"}
func NotAScheduleSlot() Reason {
	return Reason{ReasonCode: "not_a_schedule_slot", RemedyCode: "write_day_mon"}
}

// CodeNotAServerAddress is the code of NotAServerAddress.
const CodeNotAServerAddress = "not_a_server_address"

// NotAServerAddress: this is no server's address
// → write it as http://HOST:PORT or https://HOST
func NotAServerAddress() Reason {
	return Reason{ReasonCode: "not_a_server_address", RemedyCode: "write_it_as_http"}
}

// CodeNotASignedPath is the code of NotASignedPath.
const CodeNotASignedPath = "not_a_signed_path"

// NotASignedPath: this is not /t/{{operations}}/{{asset}}.{{ext}}
// → for example /t/v_…,w_800,h_600,fit_cover/a_….jpg
func NotASignedPath() Reason {
	return Reason{ReasonCode: "not_a_signed_path", RemedyCode: "for_example_t_v_w_800"}
}

// CodeNotASlot is the code of NotASlot.
const CodeNotASlot = "not_a_slot"

// NotASlot: {slot:q} is no slot
// → use hero, back, detail, lifestyle, video or a name of your own: 1–40 lower-case letters, digits and hyphens
func NotASlot(slot any) Reason {
	return Reason{ReasonCode: "not_a_slot", Params: Params{"slot": value(slot)}, RemedyCode: "use_hero_back_detail_lifestyle_video"}
}

// CodeNotATimeOfWeek is the code of NotATimeOfWeek.
const CodeNotATimeOfWeek = "not_a_time_of_week"

// NotATimeOfWeek: “{text}” is not a time of the week
// → write it as mon-fri 08:00-12:00; sat,sun 10:00-18:00
func NotATimeOfWeek(text any) Reason {
	return Reason{ReasonCode: "not_a_time_of_week", Params: Params{"text": value(text)}, RemedyCode: "write_it_as_mon_fri_08"}
}

// CodeNotATraceNumber is the code of NotATraceNumber.
const CodeNotATraceNumber = "not_a_trace_number"

// NotATraceNumber: this is no number from 1 to 1000000
// → correct the variable, or leave it unset for the usual value
func NotATraceNumber() Reason {
	return Reason{ReasonCode: "not_a_trace_number", RemedyCode: "correct_the_variable_or_leave"}
}

// CodeNotAWallClockMinute is the code of NotAWallClockMinute.
const CodeNotAWallClockMinute = "not_a_wall_clock_minute"

// NotAWallClockMinute: not a wall-clock time
// → write it as YYYY-MM-DDTHH:MM
func NotAWallClockMinute() Reason {
	return Reason{ReasonCode: "not_a_wall_clock_minute", RemedyCode: "write_it_as_yyyy_mm_ddthh"}
}

// CodeNotAWallClockSecond is the code of NotAWallClockSecond.
const CodeNotAWallClockSecond = "not_a_wall_clock_second"

// NotAWallClockSecond: not a wall-clock time
// → write it as YYYY-MM-DDTHH:MM:SS
func NotAWallClockSecond() Reason {
	return Reason{ReasonCode: "not_a_wall_clock_second", RemedyCode: "write_it_as_yyyy_mm_ddthh_mm"}
}

// CodeNotAWebUrl is the code of NotAWebUrl.
const CodeNotAWebUrl = "not_a_web_url"

// NotAWebUrl: this is not an http or https URL
// → write it as https://example.com/path
func NotAWebUrl() Reason {
	return Reason{ReasonCode: "not_a_web_url", RemedyCode: "write_it_as_https"}
}

// CodeNotAWeekday is the code of NotAWeekday.
const CodeNotAWeekday = "not_a_weekday"

// NotAWeekday: “{day}” is not a day of a weekly series
// → use mon, tue, wed, thu, fri, sat, sun with every: week
func NotAWeekday(day any) Reason {
	return Reason{ReasonCode: "not_a_weekday", Params: Params{"day": value(day)}, RemedyCode: "use_mon_tue_wed_thu_fri"}
}

// CodeNotAWholeNumber is the code of NotAWholeNumber.
const CodeNotAWholeNumber = "not_a_whole_number"

// NotAWholeNumber: {cell:q} is no whole number
// → leave it empty when it is unknown
func NotAWholeNumber(cell any) Reason {
	return Reason{ReasonCode: "not_a_whole_number", Params: Params{"cell": value(cell)}, RemedyCode: "leave_empty_if_unknown"}
}

// CodeNotAZoom is the code of NotAZoom.
const CodeNotAZoom = "not_a_zoom"

// NotAZoom: “{zoom}” is not a zoom of the map
// → write place:0 to place:{max}
func NotAZoom(zoom, max any) Reason {
	return Reason{ReasonCode: "not_a_zoom", Params: Params{"zoom": value(zoom), "max": value(max)}, RemedyCode: "write_place"}
}

// CodeNotAnAge is the code of NotAnAge.
const CodeNotAnAge = "not_an_age"

// NotAnAge: {within} is no age
// → write the age up to which all stay, such as 30d
func NotAnAge(within any) Reason {
	return Reason{ReasonCode: "not_an_age", Params: Params{"within": value(within)}, RemedyCode: "write_the_age_up_to_which"}
}

// CodeNotAnAgeIdentity is the code of NotAnAgeIdentity.
const CodeNotAnAgeIdentity = "not_an_age_identity"

// NotAnAgeIdentity: this is not an age identity
// → make one with `vitrine backup key` or age-keygen: one line that begins with AGE-SECRET-KEY-1
func NotAnAgeIdentity() Reason {
	return Reason{ReasonCode: "not_an_age_identity", RemedyCode: "make_one_with_vitrine_backup_key"}
}

// CodeNotAnAmount is the code of NotAnAmount.
const CodeNotAnAmount = "not_an_amount"

// NotAnAmount: {amount:q} is no amount
// → write it as a decimal with a point, for example "19.90"
func NotAnAmount(amount any) Reason {
	return Reason{ReasonCode: "not_an_amount", Params: Params{"amount": value(amount)}, RemedyCode: "write_it_as_a_decimal"}
}

// CodeNotAnEmail is the code of NotAnEmail.
const CodeNotAnEmail = "not_an_email"

// NotAnEmail: this is not an e-mail address
// → write it as name@example.com
func NotAnEmail() Reason {
	return Reason{ReasonCode: "not_an_email", RemedyCode: "write_it_as_name_example_com"}
}

// CodeNotAnEtag is the code of NotAnEtag.
const CodeNotAnEtag = "not_an_etag"

// NotAnEtag: this is not an ETag of this API
// → send the ETag of the last answer, such as "12"
func NotAnEtag() Reason {
	return Reason{ReasonCode: "not_an_etag", RemedyCode: "send_the_etag_of_the_last"}
}

// CodeNotAnEventType is the code of NotAnEventType.
const CodeNotAnEventType = "not_an_event_type"

// NotAnEventType: “{type}” is not an event type
// → write asset.approved, or asset.* for all of a kind
func NotAnEventType(typeOf any) Reason {
	return Reason{ReasonCode: "not_an_event_type", Params: Params{"type": value(typeOf)}, RemedyCode: "write_asset_approved_or_asset"}
}

// CodeNotAnInstant is the code of NotAnInstant.
const CodeNotAnInstant = "not_an_instant"

// NotAnInstant: this is no instant
// → write it as 2026-11-23T14:30:00Z or with an offset, 2026-11-23T15:30:00+01:00
func NotAnInstant() Reason {
	return Reason{ReasonCode: "not_an_instant", RemedyCode: "write_it_as_2026_11_23t14"}
}

// CodeNotAnswerableAskAgain is the code of NotAnswerableAskAgain.
const CodeNotAnswerableAskAgain = "not_answerable_ask_again"

// NotAnswerableAskAgain: this can't be answered just now
// → ask again in a few seconds
func NotAnswerableAskAgain() Reason {
	return Reason{ReasonCode: "not_answerable_ask_again", RemedyCode: "ask_again_in_a_few_seconds"}
}

// CodeNotAnswerableNow is the code of NotAnswerableNow.
const CodeNotAnswerableNow = "not_answerable_now"

// NotAnswerableNow: this can't be answered just now
func NotAnswerableNow() Reason {
	return Reason{ReasonCode: "not_answerable_now"}
}

// CodeNotCurrentPassword is the code of NotCurrentPassword.
const CodeNotCurrentPassword = "not_current_password"

// NotCurrentPassword: this is not the current password
// → type the password you signed in with
func NotCurrentPassword() Reason {
	return Reason{ReasonCode: "not_current_password", RemedyCode: "type_the_password_you_signed"}
}

// CodeNotFound is the code of NotFound.
const CodeNotFound = "not_found"

// NotFound: there is no {what:thing} {id}
// → check the id; it may have been deleted for good
func NotFound(what, id any) Reason {
	return Reason{ReasonCode: "not_found", Params: Params{"what": value(what), "id": value(id)}, RemedyCode: "check_the_id"}
}

// CodeNotInCollection is the code of NotInCollection.
const CodeNotInCollection = "not_in_collection"

// NotInCollection: not all of these assets are in the collection
// → put them into it first
func NotInCollection() Reason {
	return Reason{ReasonCode: "not_in_collection", RemedyCode: "put_them_into_it_first"}
}

// CodeNotInPlaylist is the code of NotInPlaylist.
const CodeNotInPlaylist = "not_in_playlist"

// NotInPlaylist: this is not in the playlist
// → reload it
func NotInPlaylist() Reason {
	return Reason{ReasonCode: "not_in_playlist", RemedyCode: "reload"}
}

// CodeNotKeyValueList is the code of NotKeyValueList.
const CodeNotKeyValueList = "not_key_value_list"

// NotKeyValueList: {err}
// → write key=value,key=value
func NotKeyValueList(err any) Reason {
	return Reason{ReasonCode: "not_key_value_list", Params: Params{"err": value(err)}, RemedyCode: "write_key_value_key_value"}
}

// CodeNotShownNotSafe is the code of NotShownNotSafe.
const CodeNotShownNotSafe = "not_shown_not_safe"

// NotShownNotSafe: the channel does not show it, and sending again could post it twice
func NotShownNotSafe() Reason {
	return Reason{ReasonCode: "not_shown_not_safe"}
}

// CodeNotSignedIn is the code of NotSignedIn.
const CodeNotSignedIn = "not_signed_in"

// NotSignedIn: nobody is signed in
// → sign in, or send an API token as Authorization: Bearer
func NotSignedIn() Reason {
	return Reason{ReasonCode: "not_signed_in", RemedyCode: "sign_in_or_send_an_api"}
}

// CodeNotTus is the code of NotTus.
const CodeNotTus = "not_tus"

// NotTus: this is not a request of the tus protocol
// → see tus.io for the protocol, version 1.0
func NotTus() Reason {
	return Reason{ReasonCode: "not_tus", RemedyCode: "see_tus_io_for_the_protocol_version"}
}

// CodeNotUtf8Text is the code of NotUtf8Text.
const CodeNotUtf8Text = "not_utf8_text"

// NotUtf8Text: this is not UTF-8 text
// → send it as UTF-8
func NotUtf8Text() Reason {
	return Reason{ReasonCode: "not_utf8_text", RemedyCode: "send_it_as_utf_8"}
}

// CodeNoteTooLong is the code of NoteTooLong.
const CodeNoteTooLong = "note_too_long"

// NoteTooLong: it has more than {max} characters
// → write a short line
func NoteTooLong(max any) Reason {
	return Reason{ReasonCode: "note_too_long", Params: Params{"max": value(max)}, RemedyCode: "write_a_short_line"}
}

// CodeNothingAtPath is the code of NothingAtPath.
const CodeNothingAtPath = "nothing_at_path"

// NothingAtPath: there is nothing at {path}
// → see /api/openapi.json for the addresses
func NothingAtPath(path any) Reason {
	return Reason{ReasonCode: "nothing_at_path", Params: Params{"path": value(path)}, RemedyCode: "see_api_openapi_json_for_the_addresses"}
}

// CodeNothingEnlarged is the code of NothingEnlarged.
const CodeNothingEnlarged = "nothing_enlarged"

// NothingEnlarged: {format}: the original has {have_width} × {have_height} pixels, and nothing is enlarged: {width} × {height}
func NothingEnlarged(format, haveWidth, haveHeight, width, height any) Reason {
	return Reason{ReasonCode: "nothing_enlarged", Params: Params{"format": value(format), "have_width": value(haveWidth), "have_height": value(haveHeight), "width": value(width), "height": value(height)}}
}

// CodeNothingPublic is the code of NothingPublic.
const CodeNothingPublic = "nothing_public"

// NothingPublic: there is nothing public under this URL
// → check the URL; the asset may not be approved yet
func NothingPublic() Reason {
	return Reason{ReasonCode: "nothing_public", RemedyCode: "check_the_url"}
}

// CodeNothingToPost is the code of NothingToPost.
const CodeNothingToPost = "nothing_to_post"

// NothingToPost: there is nothing to post
// → choose a preset
func NothingToPost() Reason {
	return Reason{ReasonCode: "nothing_to_post", RemedyCode: "choose_a_preset"}
}

// CodeNothingToRemember is the code of NothingToRemember.
const CodeNothingToRemember = "nothing_to_remember"

// NothingToRemember: there is nothing to remember
// → send the query that was used
func NothingToRemember() Reason {
	return Reason{ReasonCode: "nothing_to_remember", RemedyCode: "send_the_query_that_was_used"}
}

// CodeNothingToResolve is the code of NothingToResolve.
const CodeNothingToResolve = "nothing_to_resolve"

// NothingToResolve: there is nothing to resolve
// → name at least one other asset
func NothingToResolve() Reason {
	return Reason{ReasonCode: "nothing_to_resolve", RemedyCode: "name_at_least_one_other_asset"}
}

// CodeNothingUnderPath is the code of NothingUnderPath.
const CodeNothingUnderPath = "nothing_under_path"

// NothingUnderPath: there is nothing under this path
// → copy the URL from the asset's page again
func NothingUnderPath() Reason {
	return Reason{ReasonCode: "nothing_under_path", RemedyCode: "copy_the_url_from_the_assets"}
}

// CodeNothingWasPosted is the code of NothingWasPosted.
const CodeNothingWasPosted = "nothing_was_posted"

// NothingWasPosted: nothing was posted
func NothingWasPosted() Reason {
	return Reason{ReasonCode: "nothing_was_posted"}
}

// CodeObjectsDamaged is the code of ObjectsDamaged.
const CodeObjectsDamaged = "objects_damaged"

// ObjectsDamaged: lost or damaged: {originals} of the originals, {others} of the other objects
// → see System in the portal, or run vitrine repair
func ObjectsDamaged(originals, others any) Reason {
	return Reason{ReasonCode: "objects_damaged", Params: Params{"originals": value(originals), "others": value(others)}, RemedyCode: "see_system_in_the_portal"}
}

// CodeObjectsDamagedRecordsLost is the code of ObjectsDamagedRecordsLost.
const CodeObjectsDamagedRecordsLost = "objects_damaged_records_lost"

// ObjectsDamagedRecordsLost: lost or damaged: {originals} of the originals, {others} of the other objects; {n} records of erasures can't be read: what they erased may be back
// → see System in the portal, or run vitrine repair; for the records, put erasures/ back from a backup, or erase again what the log names
func ObjectsDamagedRecordsLost(originals, others, n any) Reason {
	return Reason{ReasonCode: "objects_damaged_records_lost", Params: Params{"originals": value(originals), "others": value(others), "n": value(n)}, RemedyCode: "see_system_in_the_portal_or_run"}
}

// CodeOembedJsonOnly is the code of OembedJsonOnly.
const CodeOembedJsonOnly = "oembed_json_only"

// OembedJsonOnly: only format=json is offered
func OembedJsonOnly() Reason {
	return Reason{ReasonCode: "oembed_json_only"}
}

// CodeOfflineHoursRange is the code of OfflineHoursRange.
const CodeOfflineHoursRange = "offline_hours_range"

// OfflineHoursRange: a screen goes on for 1–2160 hours without a connection
// → enter for example 168
func OfflineHoursRange() Reason {
	return Reason{ReasonCode: "offline_hours_range", RemedyCode: "enter_for_example_168"}
}

// CodeOffsetNegative is the code of OffsetNegative.
const CodeOffsetNegative = "offset_negative"

// OffsetNegative: the offset is negative
// → use 0 or more
func OffsetNegative() Reason {
	return Reason{ReasonCode: "offset_negative", RemedyCode: "use_0_or_more"}
}

// CodeOnlyPdfHasPages is the code of OnlyPdfHasPages.
const CodeOnlyPdfHasPages = "only_pdf_has_pages"

// OnlyPdfHasPages: only PDF documents have pages to ask for
// → leave the page out
func OnlyPdfHasPages() Reason {
	return Reason{ReasonCode: "only_pdf_has_pages", RemedyCode: "leave_the_page_out"}
}

// CodeOnlyVideoHasFrameRate is the code of OnlyVideoHasFrameRate.
const CodeOnlyVideoHasFrameRate = "only_video_has_frame_rate"

// OnlyVideoHasFrameRate: only video has frames a second
// → use a preset whose format is mp4
func OnlyVideoHasFrameRate() Reason {
	return Reason{ReasonCode: "only_video_has_frame_rate", RemedyCode: "use_mp4_preset"}
}

// CodeOnlyVideoHasSeconds is the code of OnlyVideoHasSeconds.
const CodeOnlyVideoHasSeconds = "only_video_has_seconds"

// OnlyVideoHasSeconds: only video has seconds
// → use a preset whose format is mp4
func OnlyVideoHasSeconds() Reason {
	return Reason{ReasonCode: "only_video_has_seconds", RemedyCode: "use_mp4_preset"}
}

// CodeOnlyVideoHasSound is the code of OnlyVideoHasSound.
const CodeOnlyVideoHasSound = "only_video_has_sound"

// OnlyVideoHasSound: only video has sound
// → use a preset whose format is mp4
func OnlyVideoHasSound() Reason {
	return Reason{ReasonCode: "only_video_has_sound", RemedyCode: "use_mp4_preset"}
}

// CodeOpacityRange is the code of OpacityRange.
const CodeOpacityRange = "opacity_range"

// OpacityRange: opacity is above 0, up to 1
// → 0.5 is half transparent
func OpacityRange() Reason {
	return Reason{ReasonCode: "opacity_range", RemedyCode: "opacity_is_a_fraction"}
}

// CodeOperationTwice is the code of OperationTwice.
const CodeOperationTwice = "operation_twice"

// OperationTwice: “{name}” is given twice
// → leave one out
func OperationTwice(name any) Reason {
	return Reason{ReasonCode: "operation_twice", Params: Params{"name": value(name)}, RemedyCode: "leave_one_out"}
}

// CodeOperationUnreadable is the code of OperationUnreadable.
const CodeOperationUnreadable = "operation_unreadable"

// OperationUnreadable: “{operation}” can't be read
// → see the operator's guide to delivery for the operations
func OperationUnreadable(operation any) Reason {
	return Reason{ReasonCode: "operation_unreadable", Params: Params{"operation": value(operation)}, RemedyCode: "see_the_operators_guide_to_delivery"}
}

// CodeOptionNeeded is the code of OptionNeeded.
const CodeOptionNeeded = "option_needed"

// OptionNeeded: this option is needed
// → fill it in
func OptionNeeded() Reason {
	return Reason{ReasonCode: "option_needed", RemedyCode: "fill_in"}
}

// CodeOptionNotNameValue is the code of OptionNotNameValue.
const CodeOptionNotNameValue = "option_not_name_value"

// OptionNotNameValue: {option} is not NAME=VALUE
// → write it as seconds=8
func OptionNotNameValue(option any) Reason {
	return Reason{ReasonCode: "option_not_name_value", Params: Params{"option": value(option)}, RemedyCode: "write_it_as_seconds_8"}
}

// CodeOptionsNotObject is the code of OptionsNotObject.
const CodeOptionsNotObject = "options_not_object"

// OptionsNotObject: the options are an object
// → see limits.options of POST /api/publications/check
func OptionsNotObject() Reason {
	return Reason{ReasonCode: "options_not_object", RemedyCode: "see_limits_options_of_post_api"}
}

// CodeOptionsUnreadable is the code of OptionsUnreadable.
const CodeOptionsUnreadable = "options_unreadable"

// OptionsUnreadable: the options can't be read
// → enter them again
func OptionsUnreadable() Reason {
	return Reason{ReasonCode: "options_unreadable", RemedyCode: "enter_them_again"}
}

// CodeOriginalLost is the code of OriginalLost.
const CodeOriginalLost = "original_lost"

// OriginalLost: the file is lost or damaged in the storage
// → ask an administrator to repair it (vitrine repair), or upload the same file again
func OriginalLost() Reason {
	return Reason{ReasonCode: "original_lost", RemedyCode: "ask_an_administrator_to_repair"}
}

// CodeOriginalLostRenditionsWait is the code of OriginalLostRenditionsWait.
const CodeOriginalLostRenditionsWait = "original_lost_renditions_wait"

// OriginalLostRenditionsWait: The original is lost or damaged in the storage; its renditions are made once it is repaired.
func OriginalLostRenditionsWait() Reason {
	return Reason{ReasonCode: "original_lost_renditions_wait"}
}

// CodeOutboundHeld is the code of OutboundHeld.
const CodeOutboundHeld = "outbound_held"

// OutboundHeld: publications, webhooks and mail are held until an administrator releases them: the catalogue {words}
// → see vitrine hold status
func OutboundHeld(words any) Reason {
	return Reason{ReasonCode: "outbound_held", Params: Params{"words": value(words)}, RemedyCode: "see_vitrine_hold_status_2"}
}

// CodePageNotAllowed is the code of PageNotAllowed.
const CodePageNotAllowed = "page_not_allowed"

// PageNotAllowed: this site's pictures are not for that page
// → ask the operator to allow the page's host
func PageNotAllowed() Reason {
	return Reason{ReasonCode: "page_not_allowed", RemedyCode: "ask_the_operator_to_allow"}
}

// CodePageSizeRange is the code of PageSizeRange.
const CodePageSizeRange = "page_size_range"

// PageSizeRange: the page size is out of range
// → use 1 to 1000
func PageSizeRange() Reason {
	return Reason{ReasonCode: "page_size_range", RemedyCode: "use_1_to_1000"}
}

// CodePageWithoutToken is the code of PageWithoutToken.
const CodePageWithoutToken = "page_without_token"

// PageWithoutToken: Meta gave no access to the page {page}
// → have the business portfolio's administrator give you the page's task “Content”, then connect again
func PageWithoutToken(page any) Reason {
	return Reason{ReasonCode: "page_without_token", Params: Params{"page": value(page)}, RemedyCode: "ask_for_content_access"}
}

// CodeParentHasVariants is the code of ParentHasVariants.
const CodeParentHasVariants = "parent_has_variants"

// ParentHasVariants: {sku} has variants, so it can’t become one
// → give them another parent or none, or delete them first
func ParentHasVariants(sku any) Reason {
	return Reason{ReasonCode: "parent_has_variants", Params: Params{"sku": value(sku)}, RemedyCode: "free_its_variants_first"}
}

// CodeParentIsAVariant is the code of ParentIsAVariant.
const CodeParentIsAVariant = "parent_is_a_variant"

// ParentIsAVariant: {sku} is a variant itself: variants have one level
// → name another parent
func ParentIsAVariant(sku any) Reason {
	return Reason{ReasonCode: "parent_is_a_variant", Params: Params{"sku": value(sku)}, RemedyCode: "name_another_parent"}
}

// CodePasswordChangedMeanwhile is the code of PasswordChangedMeanwhile.
const CodePasswordChangedMeanwhile = "password_changed_meanwhile"

// PasswordChangedMeanwhile: the password was changed meanwhile
// → sign in again
func PasswordChangedMeanwhile() Reason {
	return Reason{ReasonCode: "password_changed_meanwhile", RemedyCode: "sign_in_again"}
}

// CodePasswordCharacters is the code of PasswordCharacters.
const CodePasswordCharacters = "password_characters"

// PasswordCharacters: the password has characters that cannot be typed the same way everywhere
// → use letters, digits, signs and spaces, without control characters and joined emoji
func PasswordCharacters() Reason {
	return Reason{ReasonCode: "password_characters", RemedyCode: "use_letters_digits_and_signs"}
}

// CodePasswordIsEmail is the code of PasswordIsEmail.
const CodePasswordIsEmail = "password_is_email"

// PasswordIsEmail: the password is the e-mail address
// → choose another password
func PasswordIsEmail() Reason {
	return Reason{ReasonCode: "password_is_email", RemedyCode: "choose_another_password"}
}

// CodePasswordOnCommandLine is the code of PasswordOnCommandLine.
const CodePasswordOnCommandLine = "password_on_command_line"

// PasswordOnCommandLine: a password on the command line is visible to every user of the machine
// → put the URL into VITRINE_DATABASE or the configuration file, or the password into PGPASSWORD or ~/.pgpass
func PasswordOnCommandLine() Reason {
	return Reason{ReasonCode: "password_on_command_line", RemedyCode: "put_the_url_into_vitrine_database"}
}

// CodePasswordOrKeyNeeded is the code of PasswordOrKeyNeeded.
const CodePasswordOrKeyNeeded = "password_or_key_needed"

// PasswordOrKeyNeeded: the server wants a password or a key
// → enter one of them
func PasswordOrKeyNeeded() Reason {
	return Reason{ReasonCode: "password_or_key_needed", RemedyCode: "enter_one_of_them"}
}

// CodePasswordTooLong is the code of PasswordTooLong.
const CodePasswordTooLong = "password_too_long"

// PasswordTooLong: a password has at most {max} bytes
// → use a shorter one
func PasswordTooLong(max any) Reason {
	return Reason{ReasonCode: "password_too_long", Params: Params{"max": value(max)}, RemedyCode: "use_a_shorter_one_f"}
}

// CodePasswordTooShort is the code of PasswordTooShort.
const CodePasswordTooShort = "password_too_short"

// PasswordTooShort: a password has at least {min} characters
// → use a longer one; a few words are easy to remember
func PasswordTooShort(min any) Reason {
	return Reason{ReasonCode: "password_too_short", Params: Params{"min": value(min)}, RemedyCode: "use_longer_password"}
}

// CodePatchNotObject is the code of PatchNotObject.
const CodePatchNotObject = "patch_not_object"

// PatchNotObject: the body is not a JSON object
// → send a merge patch such as {"title": {"en": "Blue chair"}}
func PatchNotObject() Reason {
	return Reason{ReasonCode: "patch_not_object", RemedyCode: "send_a_merge_patch"}
}

// CodePatternUnknownPart is the code of PatternUnknownPart.
const CodePatternUnknownPart = "pattern_unknown_part"

// PatternUnknownPart: {pattern:q}: {name} is unknown or there twice
// → use {{sku}}, {{slot}}, {{n}} and {{ext}}, each once, and {*} for anything
func PatternUnknownPart(pattern, name any) Reason {
	return Reason{ReasonCode: "pattern_unknown_part", Params: Params{"pattern": value(pattern), "name": value(name)}, RemedyCode: "use_and_each_once"}
}

// CodePatternWithoutSku is the code of PatternWithoutSku.
const CodePatternWithoutSku = "pattern_without_sku"

// PatternWithoutSku: {pattern:q} has no {{sku}}
// → for example {{sku}}_{{slot}}_{{n}}.{{ext}}
func PatternWithoutSku(pattern any) Reason {
	return Reason{ReasonCode: "pattern_without_sku", Params: Params{"pattern": value(pattern)}, RemedyCode: "for_example_2"}
}

// CodePdfLocked is the code of PdfLocked.
const CodePdfLocked = "pdf_locked"

// PdfLocked: the PDF is locked with a password
// → upload a copy without one; the original can be downloaded
func PdfLocked() Reason {
	return Reason{ReasonCode: "pdf_locked", RemedyCode: "upload_copy_without"}
}

// CodePermissionAboveOwn is the code of PermissionAboveOwn.
const CodePermissionAboveOwn = "permission_above_own"

// PermissionAboveOwn: you cannot give a permission you do not have: {permission:permission}
// → ask an administrator who has it
func PermissionAboveOwn(permission any) Reason {
	return Reason{ReasonCode: "permission_above_own", Params: Params{"permission": value(permission)}, RemedyCode: "ask_an_administrator_who_has_it"}
}

// CodePermissionElsewhere is the code of PermissionElsewhere.
const CodePermissionElsewhere = "permission_elsewhere"

// PermissionElsewhere: the permission to {permission:permission} was granted on other collections only
// → ask an administrator
func PermissionElsewhere(permission any) Reason {
	return Reason{ReasonCode: "permission_elsewhere", Params: Params{"permission": value(permission)}, RemedyCode: "ask_an_administrator"}
}

// CodePermissionNeeded is the code of PermissionNeeded.
const CodePermissionNeeded = "permission_needed"

// PermissionNeeded: this needs the permission to {permission:permission} in the library {library}
// → ask an administrator
func PermissionNeeded(permission, library any) Reason {
	return Reason{ReasonCode: "permission_needed", Params: Params{"permission": value(permission), "library": value(library)}, RemedyCode: "ask_an_administrator"}
}

// CodePermissionNeededEverywhere is the code of PermissionNeededEverywhere.
const CodePermissionNeededEverywhere = "permission_needed_everywhere"

// PermissionNeededEverywhere: this concerns every library: it needs the permission to {permission:permission} in the library {library}
// → ask an administrator of that library
func PermissionNeededEverywhere(permission, library any) Reason {
	return Reason{ReasonCode: "permission_needed_everywhere", Params: Params{"permission": value(permission), "library": value(library)}, RemedyCode: "ask_an_administrator_of_that_library"}
}

// CodePhotoIdUnknown is the code of PhotoIdUnknown.
const CodePhotoIdUnknown = "photo_id_unknown"

// PhotoIdUnknown: the photo's id is not known
func PhotoIdUnknown() Reason {
	return Reason{ReasonCode: "photo_id_unknown"}
}

// CodePictureCutOff is the code of PictureCutOff.
const CodePictureCutOff = "picture_cut_off"

// PictureCutOff: the {format} file is cut off before its end
// → export it again from the program that made it and upload the new file
func PictureCutOff(format any) Reason {
	return Reason{ReasonCode: "picture_cut_off", Params: Params{"format": value(format)}, RemedyCode: "export_it_again_from_the_program"}
}

// CodePictureDamagedExportAgain is the code of PictureDamagedExportAgain.
const CodePictureDamagedExportAgain = "picture_damaged_export_again"

// PictureDamagedExportAgain: the {format} file is damaged and can't be read
// → export it again from the program that made it and upload the new file
func PictureDamagedExportAgain(format any) Reason {
	return Reason{ReasonCode: "picture_damaged_export_again", Params: Params{"format": value(format)}, RemedyCode: "export_it_again_from_the_program"}
}

// CodePictureDamagedInPlaces is the code of PictureDamagedInPlaces.
const CodePictureDamagedInPlaces = "picture_damaged_in_places"

// PictureDamagedInPlaces: the file is damaged in places; the picture is shown as far as it could be read
func PictureDamagedInPlaces() Reason {
	return Reason{ReasonCode: "picture_damaged_in_places"}
}

// CodePictureEndMissing is the code of PictureEndMissing.
const CodePictureEndMissing = "picture_end_missing"

// PictureEndMissing: the end of the file is missing; the picture is whole
func PictureEndMissing() Reason {
	return Reason{ReasonCode: "picture_end_missing"}
}

// CodePictureIdUnknown is the code of PictureIdUnknown.
const CodePictureIdUnknown = "picture_id_unknown"

// PictureIdUnknown: the picture's id is not known
func PictureIdUnknown() Reason {
	return Reason{ReasonCode: "picture_id_unknown"}
}

// CodePictureInMaking is the code of PictureInMaking.
const CodePictureInMaking = "picture_in_making"

// PictureInMaking: the picture is being made
// → ask again in a second
func PictureInMaking() Reason {
	return Reason{ReasonCode: "picture_in_making", RemedyCode: "ask_again_in_a_second"}
}

// CodePictureNeedsLibvips is the code of PictureNeedsLibvips.
const CodePictureNeedsLibvips = "picture_needs_libvips"

// PictureNeedsLibvips: this type of file is read by libvips, which is not used here: {why}
// → ask the operator: {why.remedy}
func PictureNeedsLibvips(why any) Reason {
	return Reason{ReasonCode: "picture_needs_libvips", Params: Params{"why": value(why)}, RemedyCode: "ask_the_operator"}
}

// CodePictureNotAnalysable is the code of PictureNotAnalysable.
const CodePictureNotAnalysable = "picture_not_analysable"

// PictureNotAnalysable: the picture can't be looked at
// → make its renditions again
func PictureNotAnalysable() Reason {
	return Reason{ReasonCode: "picture_not_analysable", RemedyCode: "make_its_renditions_again"}
}

// CodePictureNotConverted is the code of PictureNotConverted.
const CodePictureNotConverted = "picture_not_converted"

// PictureNotConverted: the picture could not be converted
// → try again; if it fails again, export the picture anew and upload that
func PictureNotConverted() Reason {
	return Reason{ReasonCode: "picture_not_converted", RemedyCode: "try_again"}
}

// CodePictureNotDrawnOn is the code of PictureNotDrawnOn.
const CodePictureNotDrawnOn = "picture_not_drawn_on"

// PictureNotDrawnOn: the picture could not be drawn on
// → try again; if it fails again, export the picture anew and upload that
func PictureNotDrawnOn() Reason {
	return Reason{ReasonCode: "picture_not_drawn_on", RemedyCode: "try_again"}
}

// CodePictureNotRendered is the code of PictureNotRendered.
const CodePictureNotRendered = "picture_not_rendered"

// PictureNotRendered: the picture could not be rendered
func PictureNotRendered() Reason {
	return Reason{ReasonCode: "picture_not_rendered"}
}

// CodePictureNotScaled is the code of PictureNotScaled.
const CodePictureNotScaled = "picture_not_scaled"

// PictureNotScaled: the picture could not be scaled
// → try again; if it fails again, export the picture anew and upload that
func PictureNotScaled() Reason {
	return Reason{ReasonCode: "picture_not_scaled", RemedyCode: "try_again"}
}

// CodePictureNotWritten is the code of PictureNotWritten.
const CodePictureNotWritten = "picture_not_written"

// PictureNotWritten: the picture could not be written
// → try again; if it fails again, export the picture anew and upload that
func PictureNotWritten() Reason {
	return Reason{ReasonCode: "picture_not_written", RemedyCode: "try_again"}
}

// CodePictureOverFrameLimit is the code of PictureOverFrameLimit.
const CodePictureOverFrameLimit = "picture_over_frame_limit"

// PictureOverFrameLimit: the picture has {width} × {height} pixels in {frames} frame(s), more than the limit of {limit} million
// → upload a smaller version, or ask the operator to raise max_megapixels
func PictureOverFrameLimit(width, height, frames, limit any) Reason {
	return Reason{ReasonCode: "picture_over_frame_limit", Params: Params{"width": value(width), "height": value(height), "frames": value(frames), "limit": value(limit)}, RemedyCode: "upload_a_smaller_version_or_ask"}
}

// CodePictureOverPixelLimit is the code of PictureOverPixelLimit.
const CodePictureOverPixelLimit = "picture_over_pixel_limit"

// PictureOverPixelLimit: the picture has {pixels} million pixels; this server shows up to {max} million
// → send a smaller copy
func PictureOverPixelLimit(pixels, max any) Reason {
	return Reason{ReasonCode: "picture_over_pixel_limit", Params: Params{"pixels": value(pixels), "max": value(max)}, RemedyCode: "send_a_smaller_copy"}
}

// CodePictureSecondsExample is the code of PictureSecondsExample.
const CodePictureSecondsExample = "picture_seconds_example"

// PictureSecondsExample: a picture is shown for 1–86400 seconds
// → enter for example 10
func PictureSecondsExample() Reason {
	return Reason{ReasonCode: "picture_seconds_example", RemedyCode: "enter_for_example_10"}
}

// CodePictureSecondsRange is the code of PictureSecondsRange.
const CodePictureSecondsRange = "picture_seconds_range"

// PictureSecondsRange: a picture is shown for 1–86400 seconds
// → enter fewer
func PictureSecondsRange() Reason {
	return Reason{ReasonCode: "picture_seconds_range", RemedyCode: "enter_fewer"}
}

// CodePictureWithoutPixels is the code of PictureWithoutPixels.
const CodePictureWithoutPixels = "picture_without_pixels"

// PictureWithoutPixels: the picture has no pixels ({width} × {height})
func PictureWithoutPixels(width, height any) Reason {
	return Reason{ReasonCode: "picture_without_pixels", Params: Params{"width": value(width), "height": value(height)}}
}

// CodePinWithoutText is the code of PinWithoutText.
const CodePinWithoutText = "pin_without_text"

// PinWithoutText: a pin without text and link can't be told from others
func PinWithoutText() Reason {
	return Reason{ReasonCode: "pin_without_text"}
}

// CodePinterestAccessExpired is the code of PinterestAccessExpired.
const CodePinterestAccessExpired = "pinterest_access_expired"

// PinterestAccessExpired: the access to Pinterest has expired
// → connect the channel again with valid credentials
func PinterestAccessExpired() Reason {
	return Reason{ReasonCode: "pinterest_access_expired", RemedyCode: "connect_again"}
}

// CodePinterestBoardGone is the code of PinterestBoardGone.
const CodePinterestBoardGone = "pinterest_board_gone"

// PinterestBoardGone: there is no such board any more
// → enter another board in the channel's settings, then retry
func PinterestBoardGone() Reason {
	return Reason{ReasonCode: "pinterest_board_gone", RemedyCode: "enter_another_board_in_the_channels"}
}

// CodePinterestNoBoard is the code of PinterestNoBoard.
const CodePinterestNoBoard = "pinterest_no_board"

// PinterestNoBoard: the account {username} has no such board
// → enter the id of one of its boards
func PinterestNoBoard(username any) Reason {
	return Reason{ReasonCode: "pinterest_no_board", Params: Params{"username": value(username)}, RemedyCode: "enter_a_board_id"}
}

// CodePinterestNoSection is the code of PinterestNoSection.
const CodePinterestNoSection = "pinterest_no_section"

// PinterestNoSection: the board has no such section
// → choose one of the board's sections, or none
func PinterestNoSection() Reason {
	return Reason{ReasonCode: "pinterest_no_section", RemedyCode: "choose_a_section_of_the_board"}
}

// CodePinterestPictureTooLarge is the code of PinterestPictureTooLarge.
const CodePinterestPictureTooLarge = "pinterest_picture_too_large"

// PinterestPictureTooLarge: Pinterest refuses the picture: it is too large
// → choose another preset
func PinterestPictureTooLarge() Reason {
	return Reason{ReasonCode: "pinterest_picture_too_large", RemedyCode: "choose_another_preset"}
}

// CodePinterestRefuses is the code of PinterestRefuses.
const CodePinterestRefuses = "pinterest_refuses"

// PinterestRefuses: Pinterest refuses this: {said}
// → change it, then retry
func PinterestRefuses(said any) Reason {
	return Reason{ReasonCode: "pinterest_refuses", Params: Params{"said": value(said)}, RemedyCode: "change_then_retry"}
}

// CodePinterestRefusesAccount is the code of PinterestRefusesAccount.
const CodePinterestRefusesAccount = "pinterest_refuses_account"

// PinterestRefusesAccount: Pinterest refuses the account: {said}
// → connect the channel again with valid credentials
func PinterestRefusesAccount(said any) Reason {
	return Reason{ReasonCode: "pinterest_refuses_account", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodePinterestTrialAccess is the code of PinterestTrialAccess.
const CodePinterestTrialAccess = "pinterest_trial_access"

// PinterestTrialAccess: the app has trial access, and Pinterest takes its pins in the sandbox only
// → set access to trial and connect a token of the sandbox, or ask Pinterest for standard access
func PinterestTrialAccess() Reason {
	return Reason{ReasonCode: "pinterest_trial_access", RemedyCode: "set_access_trial_or_upgrade"}
}

// CodePlaceForm is the code of PlaceForm.
const CodePlaceForm = "place_form"

// PlaceForm: “{place}” can’t be the name of a place
// → use 1–40 lower-case letters, digits and hyphens, a letter first
func PlaceForm(place any) Reason {
	return Reason{ReasonCode: "place_form", Params: Params{"place": value(place)}, RemedyCode: "keys_of_families"}
}

// CodePlaceNotChosen is the code of PlaceNotChosen.
const CodePlaceNotChosen = "place_not_chosen"

// PlaceNotChosen: the place to publish to is not chosen yet
// → choose it in the channel's settings, or with vitrine channel targets
func PlaceNotChosen() Reason {
	return Reason{ReasonCode: "place_not_chosen", RemedyCode: "choose_the_place"}
}

// CodePlaceRefusesCredentials is the code of PlaceRefusesCredentials.
const CodePlaceRefusesCredentials = "place_refuses_credentials"

// PlaceRefusesCredentials: the place refuses the credentials
// → connect the channel again with valid credentials
func PlaceRefusesCredentials() Reason {
	return Reason{ReasonCode: "place_refuses_credentials", RemedyCode: "connect_again"}
}

// CodePlainCollectionNotFrozen is the code of PlainCollectionNotFrozen.
const CodePlainCollectionNotFrozen = "plain_collection_not_frozen"

// PlainCollectionNotFrozen: only a smart collection can be frozen: a plain one changes only when people change it
// → give it a query, or leave frozen out
func PlainCollectionNotFrozen() Reason {
	return Reason{ReasonCode: "plain_collection_not_frozen", RemedyCode: "give_the_collection_a_query"}
}

// CodePlainCollectionWithoutExceptions is the code of PlainCollectionWithoutExceptions.
const CodePlainCollectionWithoutExceptions = "plain_collection_without_exceptions"

// PlainCollectionWithoutExceptions: a plain collection has no exceptions
// → take the assets out instead
func PlainCollectionWithoutExceptions() Reason {
	return Reason{ReasonCode: "plain_collection_without_exceptions", RemedyCode: "take_the_assets_out_instead"}
}

// CodePlanFollowsAsset is the code of PlanFollowsAsset.
const CodePlanFollowsAsset = "plan_follows_asset"

// PlanFollowsAsset: brought in line with the asset
func PlanFollowsAsset() Reason {
	return Reason{ReasonCode: "plan_follows_asset"}
}

// CodePlanReplaced is the code of PlanReplaced.
const CodePlanReplaced = "plan_replaced"

// PlanReplaced: this changes what is planned for {at:time}: the channel shows an asset in one place
func PlanReplaced(at any) Reason {
	return Reason{ReasonCode: "plan_replaced", Params: Params{"at": value(at)}}
}

// CodePlannedAgainByHand is the code of PlannedAgainByHand.
const CodePlannedAgainByHand = "planned_again_by_hand"

// PlannedAgainByHand: planned again by hand
func PlannedAgainByHand() Reason {
	return Reason{ReasonCode: "planned_again_by_hand"}
}

// CodePlannedByHand is the code of PlannedByHand.
const CodePlannedByHand = "planned_by_hand"

// PlannedByHand: planned by hand
func PlannedByHand() Reason {
	return Reason{ReasonCode: "planned_by_hand"}
}

// CodePlannedByRule is the code of PlannedByRule.
const CodePlannedByRule = "planned_by_rule"

// PlannedByRule: planned by the channel's rule
func PlannedByRule() Reason {
	return Reason{ReasonCode: "planned_by_rule"}
}

// CodePlannedBySeries is the code of PlannedBySeries.
const CodePlannedBySeries = "planned_by_series"

// PlannedBySeries: planned by its series
func PlannedBySeries() Reason {
	return Reason{ReasonCode: "planned_by_series"}
}

// CodePlaylistNotWritable is the code of PlaylistNotWritable.
const CodePlaylistNotWritable = "playlist_not_writable"

// PlaylistNotWritable: the playlist can't be written
// → connect the channel again with valid credentials
func PlaylistNotWritable() Reason {
	return Reason{ReasonCode: "playlist_not_writable", RemedyCode: "connect_again"}
}

// CodePluginAsksForeignFile is the code of PluginAsksForeignFile.
const CodePluginAsksForeignFile = "plugin_asks_foreign_file"

// PluginAsksForeignFile: the plug-in asks for a file that is not part of the publication
// → see its log
func PluginAsksForeignFile() Reason {
	return Reason{ReasonCode: "plugin_asks_foreign_file", RemedyCode: "see_its_log"}
}

// CodePluginIdempotencyUnknown is the code of PluginIdempotencyUnknown.
const CodePluginIdempotencyUnknown = "plugin_idempotency_unknown"

// PluginIdempotencyUnknown: the plug-in declares an unknown idempotency
// → it is durable, window, handle or none
func PluginIdempotencyUnknown() Reason {
	return Reason{ReasonCode: "plugin_idempotency_unknown", RemedyCode: "it_is_durable_window_handle"}
}

// CodePluginKeepsAsking is the code of PluginKeepsAsking.
const CodePluginKeepsAsking = "plugin_keeps_asking"

// PluginKeepsAsking: the plug-in keeps asking for files
// → see its log
func PluginKeepsAsking() Reason {
	return Reason{ReasonCode: "plugin_keeps_asking", RemedyCode: "see_its_log"}
}

// CodePluginRefusesAccount is the code of PluginRefusesAccount.
const CodePluginRefusesAccount = "plugin_refuses_account"

// PluginRefusesAccount: the plug-in refuses this account
// → connect the channel again with valid credentials
func PluginRefusesAccount() Reason {
	return Reason{ReasonCode: "plugin_refuses_account", RemedyCode: "connect_again"}
}

// CodePluginRefusesSecret is the code of PluginRefusesSecret.
const CodePluginRefusesSecret = "plugin_refuses_secret"

// PluginRefusesSecret: the plug-in refuses the secret
// → connect the channel again with valid credentials
func PluginRefusesSecret() Reason {
	return Reason{ReasonCode: "plugin_refuses_secret", RemedyCode: "connect_again"}
}

// CodePluginSecretInvalid is the code of PluginSecretInvalid.
const CodePluginSecretInvalid = "plugin_secret_invalid"

// PluginSecretInvalid: {err}
// → copy it from the service
func PluginSecretInvalid(err any) Reason {
	return Reason{ReasonCode: "plugin_secret_invalid", Params: Params{"err": value(err)}, RemedyCode: "copy_it_from_the_service"}
}

// CodePluginSecretNeeded is the code of PluginSecretNeeded.
const CodePluginSecretNeeded = "plugin_secret_needed"

// PluginSecretNeeded: the secret shared with the plug-in is needed
// → set VITRINE_PLUGIN_SECRET
func PluginSecretNeeded() Reason {
	return Reason{ReasonCode: "plugin_secret_needed", RemedyCode: "set_vitrine_plugin_secret"}
}

// CodePluginUrlForm is the code of PluginUrlForm.
const CodePluginUrlForm = "plugin_url_form"

// PluginUrlForm: a plug-in has an http or https URL without credentials
// → write it as https://example.com/vitrine
func PluginUrlForm() Reason {
	return Reason{ReasonCode: "plugin_url_form", RemedyCode: "write_it_as_https_example_com_vitrine"}
}

// CodePluginWithoutRemoteId is the code of PluginWithoutRemoteId.
const CodePluginWithoutRemoteId = "plugin_without_remote_id"

// PluginWithoutRemoteId: the plug-in says delivered and names no remote id
func PluginWithoutRemoteId() Reason {
	return Reason{ReasonCode: "plugin_without_remote_id"}
}

// CodePortfolioNotAllowed is the code of PortfolioNotAllowed.
const CodePortfolioNotAllowed = "portfolio_not_allowed"

// PortfolioNotAllowed: the page is not among those this person manages; without {scope}, Meta does not tell which pages a business portfolio holds
// → connect again and allow all that is asked for; for people without a role in the app, Meta must have granted it Advanced Access
func PortfolioNotAllowed(scope any) Reason {
	return Reason{ReasonCode: "portfolio_not_allowed", Params: Params{"scope": value(scope)}, RemedyCode: "connect_and_allow_all"}
}

// CodePostDateAfterRights is the code of PostDateAfterRights.
const CodePostDateAfterRights = "post_date_after_rights"

// PostDateAfterRights: the rights end on {until:date}, before this date
// → choose an earlier date
func PostDateAfterRights(until any) Reason {
	return Reason{ReasonCode: "post_date_after_rights", Params: Params{"until": value(until)}, RemedyCode: "choose_an_earlier_date"}
}

// CodePostDateAndStatus is the code of PostDateAndStatus.
const CodePostDateAndStatus = "post_date_and_status"

// PostDateAndStatus: a date and the status scheduled go together
// → choose the status scheduled together with a date
func PostDateAndStatus() Reason {
	return Reason{ReasonCode: "post_date_and_status", RemedyCode: "choose_status_scheduled_and_date"}
}

// CodePostEnded is the code of PostEnded.
const CodePostEnded = "post_ended"

// PostEnded: the post was to be up until {until:time}
func PostEnded(until any) Reason {
	return Reason{ReasonCode: "post_ended", Params: Params{"until": value(until)}}
}

// CodePostIsChanged is the code of PostIsChanged.
const CodePostIsChanged = "post_is_changed"

// PostIsChanged: the post {post} is changed: what it says now is not kept, and a recall removes the whole post
func PostIsChanged(post any) Reason {
	return Reason{ReasonCode: "post_is_changed", Params: Params{"post": value(post)}}
}

// CodePostNotRecognised is the code of PostNotRecognised.
const CodePostNotRecognised = "post_not_recognised"

// PostNotRecognised: the site has the post {post}, which shows neither the mark nor the picture of this publication
// → remove it at the channel by hand, then confirm that it is gone; or retry
func PostNotRecognised(post any) Reason {
	return Reason{ReasonCode: "post_not_recognised", Params: Params{"post": value(post)}, RemedyCode: "remove_by_hand_then_confirm"}
}

// CodePostNotWritable is the code of PostNotWritable.
const CodePostNotWritable = "post_not_writable"

// PostNotWritable: the post can't be written
// → report this
func PostNotWritable() Reason {
	return Reason{ReasonCode: "post_not_writable", RemedyCode: "report_this"}
}

// CodePostOnOtherPage is the code of PostOnOtherPage.
const CodePostOnOtherPage = "post_on_other_page"

// PostOnOtherPage: the post is on another page than the one that is connected
// → connect that page again, or delete the post by hand
func PostOnOtherPage() Reason {
	return Reason{ReasonCode: "post_on_other_page", RemedyCode: "connect_that_page_again_or_delete"}
}

// CodePostWithoutText is the code of PostWithoutText.
const CodePostWithoutText = "post_without_text"

// PostWithoutText: a post without text can't be told from others
func PostWithoutText() Reason {
	return Reason{ReasonCode: "post_without_text"}
}

// CodePrefixForm is the code of PrefixForm.
const CodePrefixForm = "prefix_form"

// PrefixForm: a prefix is a relative path
// → write it as media/ or leave it empty
func PrefixForm() Reason {
	return Reason{ReasonCode: "prefix_form", RemedyCode: "write_it_as_media_or_leave"}
}

// CodePresetChangedMeanwhile is the code of PresetChangedMeanwhile.
const CodePresetChangedMeanwhile = "preset_changed_meanwhile"

// PresetChangedMeanwhile: somebody changed the preset meanwhile
// → read it again and repeat the edit
func PresetChangedMeanwhile() Reason {
	return Reason{ReasonCode: "preset_changed_meanwhile", RemedyCode: "read_it_again_and_repeat_f"}
}

// CodePresetCutsZone is the code of PresetCutsZone.
const CodePresetCutsZone = "preset_cuts_zone"

// PresetCutsZone: the preset “{preset}” would cut a protected zone ({kind:zone_kind}) of this picture
// → move or shrink the zone, or choose a preset of another shape
func PresetCutsZone(preset, kind any) Reason {
	return Reason{ReasonCode: "preset_cuts_zone", Params: Params{"preset": value(preset), "kind": value(kind)}, RemedyCode: "move_or_shrink_the_zone"}
}

// CodePresetNameDiffers is the code of PresetNameDiffers.
const CodePresetNameDiffers = "preset_name_differs"

// PresetNameDiffers: the preset is called “{name}”, the address says “{address}”
// → a preset keeps its name; make another one instead
func PresetNameDiffers(name, address any) Reason {
	return Reason{ReasonCode: "preset_name_differs", Params: Params{"name": value(name), "address": value(address)}, RemedyCode: "a_preset_keeps_its_name"}
}

// CodePresetNameForm is the code of PresetNameForm.
const CodePresetNameForm = "preset_name_form"

// PresetNameForm: a preset is named by 1–40 lower-case letters, digits and hyphens
// → for example: product-hero
func PresetNameForm() Reason {
	return Reason{ReasonCode: "preset_name_form", RemedyCode: "for_example"}
}

// CodePresetNeedsFormat is the code of PresetNeedsFormat.
const CodePresetNeedsFormat = "preset_needs_format"

// PresetNeedsFormat: a preset needs a format
// → add {formats}
func PresetNeedsFormat(formats any) Reason {
	return Reason{ReasonCode: "preset_needs_format", Params: Params{"formats": value(formats)}, RemedyCode: "add_formats"}
}

// CodePresetNeedsMoving is the code of PresetNeedsMoving.
const CodePresetNeedsMoving = "preset_needs_moving"

// PresetNeedsMoving: the preset is made of videos or animations only, and this is none
// → choose one
func PresetNeedsMoving() Reason {
	return Reason{ReasonCode: "preset_needs_moving", RemedyCode: "choose"}
}

// CodePresetNeedsMovingPublication is the code of PresetNeedsMovingPublication.
const CodePresetNeedsMovingPublication = "preset_needs_moving_publication"

// PresetNeedsMovingPublication: the preset “{preset}” is made of videos or animations only, and the approved file is none
// → choose a preset of pictures, or another asset
func PresetNeedsMovingPublication(preset any) Reason {
	return Reason{ReasonCode: "preset_needs_moving_publication", Params: Params{"preset": value(preset)}, RemedyCode: "choose_a_preset_of_pictures"}
}

// CodePresetNotYaml is the code of PresetNotYaml.
const CodePresetNotYaml = "preset_not_yaml"

// PresetNotYaml: {err}
// → vitrine preset show prints a preset as it is to be written
func PresetNotYaml(err any) Reason {
	return Reason{ReasonCode: "preset_not_yaml", Params: Params{"err": value(err)}, RemedyCode: "vitrine_preset_show_prints_a_preset"}
}

// CodePresetOfChannelRule is the code of PresetOfChannelRule.
const CodePresetOfChannelRule = "preset_of_channel_rule"

// PresetOfChannelRule: the channel “{channel}” publishes the preset “{preset}” by its rule
// → change the channel's rule first
func PresetOfChannelRule(channel, preset any) Reason {
	return Reason{ReasonCode: "preset_of_channel_rule", Params: Params{"channel": value(channel), "preset": value(preset)}, RemedyCode: "change_the_channels_rule_first"}
}

// CodePresetOfPortal is the code of PresetOfPortal.
const CodePresetOfPortal = "preset_of_portal"

// PresetOfPortal: the portal shows its pictures in the preset “{name}”
// → change it rather than removing it
func PresetOfPortal(name any) Reason {
	return Reason{ReasonCode: "preset_of_portal", Params: Params{"name": value(name)}, RemedyCode: "change_it_rather_than_removing"}
}

// CodePresetRefused is the code of PresetRefused.
const CodePresetRefused = "preset_refused"

// PresetRefused: The preset “{preset}” could not be made: {why}.
func PresetRefused(preset, why any) Reason {
	return Reason{ReasonCode: "preset_refused", Params: Params{"preset": value(preset), "why": value(why)}}
}

// CodePresetSideRange is the code of PresetSideRange.
const CodePresetSideRange = "preset_side_range"

// PresetSideRange: a side is 1–16384 pixels, and at least one side is given
// → set width, height or both
func PresetSideRange() Reason {
	return Reason{ReasonCode: "preset_side_range", RemedyCode: "set_width_height_or_both"}
}

// CodePresetsOfFiles is the code of PresetsOfFiles.
const CodePresetsOfFiles = "presets_of_files"

// PresetsOfFiles: with several files, each has its own preset
// → say it in files
func PresetsOfFiles() Reason {
	return Reason{ReasonCode: "presets_of_files", RemedyCode: "say_it_in_files"}
}

// CodePreviewFrameOnly is the code of PreviewFrameOnly.
const CodePreviewFrameOnly = "preview_frame_only"

// PreviewFrameOnly: this is a frame of it; the video itself is made once the preset is stored
func PreviewFrameOnly() Reason {
	return Reason{ReasonCode: "preview_frame_only"}
}

// CodePriceEndsBeforeItBegins is the code of PriceEndsBeforeItBegins.
const CodePriceEndsBeforeItBegins = "price_ends_before_it_begins"

// PriceEndsBeforeItBegins: the last day of the price is before its first one
// → correct one of the two days
func PriceEndsBeforeItBegins() Reason {
	return Reason{ReasonCode: "price_ends_before_it_begins", RemedyCode: "correct_one_of_the_days"}
}

// CodePricesOverlap is the code of PricesOverlap.
const CodePricesOverlap = "prices_overlap"

// PricesOverlap: two prices in {currency} are for the same day at one place
// → correct one of the two days
func PricesOverlap(currency any) Reason {
	return Reason{ReasonCode: "prices_overlap", Params: Params{"currency": value(currency)}, RemedyCode: "correct_one_of_the_days"}
}

// CodePrivateKeyUnreadable is the code of PrivateKeyUnreadable.
const CodePrivateKeyUnreadable = "private_key_unreadable"

// PrivateKeyUnreadable: the private key can't be read
// → paste an OpenSSH or PEM key without a passphrase
func PrivateKeyUnreadable() Reason {
	return Reason{ReasonCode: "private_key_unreadable", RemedyCode: "paste_an_openssh_or_pem_key"}
}

// CodePrlimitMissing is the code of PrlimitMissing.
const CodePrlimitMissing = "prlimit_missing"

// PrlimitMissing: this server has no prlimit, without which it opens no file with another program
// → install util-linux
func PrlimitMissing() Reason {
	return Reason{ReasonCode: "prlimit_missing", RemedyCode: "install_util_linux"}
}

// CodeProductChangedMeanwhile is the code of ProductChangedMeanwhile.
const CodeProductChangedMeanwhile = "product_changed_meanwhile"

// ProductChangedMeanwhile: somebody changed the product meanwhile: it is at revision {revision}, not {yours}
// → read it again and repeat the edit
func ProductChangedMeanwhile(revision, yours any) Reason {
	return Reason{ReasonCode: "product_changed_meanwhile", Params: Params{"revision": value(revision), "yours": value(yours)}, RemedyCode: "read_it_again_and_repeat_f"}
}

// CodeProductExists is the code of ProductExists.
const CodeProductExists = "product_exists"

// ProductExists: there is a product {sku} already
// → edit it instead
func ProductExists(sku any) Reason {
	return Reason{ReasonCode: "product_exists", Params: Params{"sku": value(sku)}, RemedyCode: "edit_it_instead"}
}

// CodeProductHasVariants is the code of ProductHasVariants.
const CodeProductHasVariants = "product_has_variants"

// ProductHasVariants: {count} products are variants of it: {skus}
// → give them another parent or none, or delete them first
func ProductHasVariants(count, skus any) Reason {
	return Reason{ReasonCode: "product_has_variants", Params: Params{"count": value(count), "skus": value(skus)}, RemedyCode: "free_its_variants_first"}
}

// CodeProductNotObject is the code of ProductNotObject.
const CodeProductNotObject = "product_not_object"

// ProductNotObject: this is no JSON object
// → send for example {"sku": "CHR-1", "names": {"en": "Chair"}}
func ProductNotObject() Reason {
	return Reason{ReasonCode: "product_not_object", RemedyCode: "send_for_example_sku"}
}

// CodeProductOfOtherLibrary is the code of ProductOfOtherLibrary.
const CodeProductOfOtherLibrary = "product_of_other_library"

// ProductOfOtherLibrary: this product is the library {library}'s
// → choose that library
func ProductOfOtherLibrary(library any) Reason {
	return Reason{ReasonCode: "product_of_other_library", Params: Params{"library": value(library)}, RemedyCode: "choose_that_library"}
}

// CodeProductValueType is the code of ProductValueType.
const CodeProductValueType = "product_value_type"

// ProductValueType: the value has the wrong type
func ProductValueType() Reason {
	return Reason{ReasonCode: "product_value_type"}
}

// CodeProfileNotConverted is the code of ProfileNotConverted.
const CodeProfileNotConverted = "profile_not_converted"

// ProfileNotConverted: its colour profile can't be converted, so colours may look different
func ProfileNotConverted() Reason {
	return Reason{ReasonCode: "profile_not_converted"}
}

// CodeProgramMissing is the code of ProgramMissing.
const CodeProgramMissing = "program_missing"

// ProgramMissing: this server has no {program}, which this type of file needs
// → ask the operator to install it (vitrine doctor names the package); the original can be downloaded
func ProgramMissing(program any) Reason {
	return Reason{ReasonCode: "program_missing", Params: Params{"program": value(program)}, RemedyCode: "ask_the_operator_to_install"}
}

// CodeProgramNotStarted is the code of ProgramNotStarted.
const CodeProgramNotStarted = "program_not_started"

// ProgramNotStarted: {program} could not be started
// → try again in a minute
func ProgramNotStarted(program any) Reason {
	return Reason{ReasonCode: "program_not_started", Params: Params{"program": value(program)}, RemedyCode: "try_again_in_a_minute"}
}

// CodeProgramOverLimits is the code of ProgramOverLimits.
const CodeProgramOverLimits = "program_over_limits"

// ProgramOverLimits: {program} needs more memory, time or room for the file than it may have
// → upload a smaller or simpler version; the original can be downloaded
func ProgramOverLimits(program any) Reason {
	return Reason{ReasonCode: "program_over_limits", Params: Params{"program": value(program)}, RemedyCode: "upload_smaller_version"}
}

// CodeProgramTimeout is the code of ProgramTimeout.
const CodeProgramTimeout = "program_timeout"

// ProgramTimeout: {program} did not finish the file within {time:duration}
// → upload a smaller or simpler version; the original can be downloaded
func ProgramTimeout(program, time any) Reason {
	return Reason{ReasonCode: "program_timeout", Params: Params{"program": value(program), "time": value(time)}, RemedyCode: "upload_smaller_version"}
}

// CodeProofCannotSay is the code of ProofCannotSay.
const CodeProofCannotSay = "proof_cannot_say"

// ProofCannotSay: the channel can't say whether the test post is there
// → look at the account, and delete the test post if it is there
func ProofCannotSay() Reason {
	return Reason{ReasonCode: "proof_cannot_say", RemedyCode: "look_and_delete_the_test_post"}
}

// CodeProofCannotTakeBack is the code of ProofCannotTakeBack.
const CodeProofCannotTakeBack = "proof_cannot_take_back"

// ProofCannotTakeBack: {title:channel_kind} has no call that deletes a post: the test post would stay
// → prove it with leave, and delete the post by hand
func ProofCannotTakeBack(title any) Reason {
	return Reason{ReasonCode: "proof_cannot_take_back", Params: Params{"title": value(title)}, RemedyCode: "say_leave_and_delete_by_hand"}
}

// CodeProofChannelNotReady is the code of ProofChannelNotReady.
const CodeProofChannelNotReady = "proof_channel_not_ready"

// ProofChannelNotReady: the channel's account is not ready
// → connect the channel again with valid credentials
func ProofChannelNotReady() Reason {
	return Reason{ReasonCode: "proof_channel_not_ready", RemedyCode: "connect_again"}
}

// CodeProofChannelPaused is the code of ProofChannelPaused.
const CodeProofChannelPaused = "proof_channel_paused"

// ProofChannelPaused: the channel is paused
// → resume it first
func ProofChannelPaused() Reason {
	return Reason{ReasonCode: "proof_channel_paused", RemedyCode: "resume_the_channel"}
}

// CodeProofHeld is the code of ProofHeld.
const CodeProofHeld = "proof_held"

// ProofHeld: the server holds what leaves it, after a restore
// → release the hold first
func ProofHeld() Reason {
	return Reason{ReasonCode: "proof_held", RemedyCode: "release_the_hold_first"}
}

// CodeProofNeedsProduct is the code of ProofNeedsProduct.
const CodeProofNeedsProduct = "proof_needs_product"

// ProofNeedsProduct: the test picture of {title:channel_kind} goes on a product
// → name the SKU of a product that may have it for a moment
func ProofNeedsProduct(title any) Reason {
	return Reason{ReasonCode: "proof_needs_product", Params: Params{"title": value(title)}, RemedyCode: "name_a_sku_for_the_proof"}
}

// CodeProofNoFile is the code of ProofNoFile.
const CodeProofNoFile = "proof_no_file"

// ProofNoFile: the channel accepts neither the test picture nor the test video
func ProofNoFile() Reason {
	return Reason{ReasonCode: "proof_no_file"}
}

// CodeProofNotFound is the code of ProofNotFound.
const CodeProofNotFound = "proof_not_found"

// ProofNotFound: the test post is not found there
func ProofNotFound() Reason {
	return Reason{ReasonCode: "proof_not_found"}
}

// CodeProofNotPosted is the code of ProofNotPosted.
const CodeProofNotPosted = "proof_not_posted"

// ProofNotPosted: the call had no answer, and nothing was posted
func ProofNotPosted() Reason {
	return Reason{ReasonCode: "proof_not_posted"}
}

// CodeProofNothingRemote is the code of ProofNothingRemote.
const CodeProofNothingRemote = "proof_nothing_remote"

// ProofNothingRemote: {title:channel_kind} has no remote service: this server shows what is published
func ProofNothingRemote(title any) Reason {
	return Reason{ReasonCode: "proof_nothing_remote", Params: Params{"title": value(title)}}
}

// CodeProofRestored is the code of ProofRestored.
const CodeProofRestored = "proof_restored"

// ProofRestored: this catalogue is a restored copy, and the one it is a copy of may have posted
// → look at the account, and delete the test post if it is there
func ProofRestored() Reason {
	return Reason{ReasonCode: "proof_restored", RemedyCode: "look_and_delete_the_test_post"}
}

// CodeProofUnderWay is the code of ProofUnderWay.
const CodeProofUnderWay = "proof_under_way"

// ProofUnderWay: a proof of this channel is under way
// → wait until it has ended
func ProofUnderWay() Reason {
	return Reason{ReasonCode: "proof_under_way", RemedyCode: "wait_for_its_end"}
}

// CodePublicAgain is the code of PublicAgain.
const CodePublicAgain = "public_again"

// PublicAgain: the asset is public again after its recall
func PublicAgain() Reason {
	return Reason{ReasonCode: "public_again"}
}

// CodePublicGone is the code of PublicGone.
const CodePublicGone = "public_gone"

// PublicGone: this was public and has been taken away
// → remove the link, or name a successor in the asset's rights
func PublicGone() Reason {
	return Reason{ReasonCode: "public_gone", RemedyCode: "remove_the_link_or_name"}
}

// CodePublicUrlUnknown is the code of PublicUrlUnknown.
const CodePublicUrlUnknown = "public_url_unknown"

// PublicUrlUnknown: the server does not know its public URL, which the channel sends the browser back to
// → set VITRINE_PUBLIC_URL
func PublicUrlUnknown() Reason {
	return Reason{ReasonCode: "public_url_unknown", RemedyCode: "set_vitrine_public_url"}
}

// CodePublicationBeingRecalled is the code of PublicationBeingRecalled.
const CodePublicationBeingRecalled = "publication_being_recalled"

// PublicationBeingRecalled: the publication is being taken back
// → wait until it is gone, then publish again
func PublicationBeingRecalled() Reason {
	return Reason{ReasonCode: "publication_being_recalled", RemedyCode: "wait_until_gone"}
}

// CodePublicationBeingSent is the code of PublicationBeingSent.
const CodePublicationBeingSent = "publication_being_sent"

// PublicationBeingSent: the publication is being sent
// → wait until it has arrived, then edit or recall it
func PublicationBeingSent() Reason {
	return Reason{ReasonCode: "publication_being_sent", RemedyCode: "wait_until_delivered"}
}

// CodePublicationChangedMeanwhile is the code of PublicationChangedMeanwhile.
const CodePublicationChangedMeanwhile = "publication_changed_meanwhile"

// PublicationChangedMeanwhile: the publication changed meanwhile
// → reload it, then edit again
func PublicationChangedMeanwhile() Reason {
	return Reason{ReasonCode: "publication_changed_meanwhile", RemedyCode: "reload_it_then_edit_again_f"}
}

// CodePublicationNotAsking is the code of PublicationNotAsking.
const CodePublicationNotAsking = "publication_not_asking"

// PublicationNotAsking: a publication that is {state:publication_state} does not wait for this answer
// → reload it
func PublicationNotAsking(state any) Reason {
	return Reason{ReasonCode: "publication_not_asking", Params: Params{"state": value(state)}, RemedyCode: "reload"}
}

// CodePublicationNotEditable is the code of PublicationNotEditable.
const CodePublicationNotEditable = "publication_not_editable"

// PublicationNotEditable: it has been sent, and this channel can't change what is out
// → recall it and publish again
func PublicationNotEditable() Reason {
	return Reason{ReasonCode: "publication_not_editable", RemedyCode: "recall_it_and_publish_again"}
}

// CodePublicationNotRetriable is the code of PublicationNotRetriable.
const CodePublicationNotRetriable = "publication_not_retriable"

// PublicationNotRetriable: a publication that is {state:publication_state} can't be retried
// → reload it
func PublicationNotRetriable(state any) Reason {
	return Reason{ReasonCode: "publication_not_retriable", Params: Params{"state": value(state)}, RemedyCode: "reload"}
}

// CodePublicationOver is the code of PublicationOver.
const CodePublicationOver = "publication_over"

// PublicationOver: the publication is {state:publication_state} already
// → nothing is left to do
func PublicationOver(state any) Reason {
	return Reason{ReasonCode: "publication_over", Params: Params{"state": value(state)}, RemedyCode: "nothing_is_left_to_do"}
}

// CodePublicationTakenBack is the code of PublicationTakenBack.
const CodePublicationTakenBack = "publication_taken_back"

// PublicationTakenBack: the publication has been taken back
// → publish it again
func PublicationTakenBack() Reason {
	return Reason{ReasonCode: "publication_taken_back", RemedyCode: "publish_it_again"}
}

// CodePublicationWithdrawn is the code of PublicationWithdrawn.
const CodePublicationWithdrawn = "publication_withdrawn"

// PublicationWithdrawn: it has been withdrawn: {reason}
// → answer abandon
func PublicationWithdrawn(reason any) Reason {
	return Reason{ReasonCode: "publication_withdrawn", Params: Params{"reason": value(reason)}, RemedyCode: "answer_abandon"}
}

// CodePushUrlForm is the code of PushUrlForm.
const CodePushUrlForm = "push_url_form"

// PushUrlForm: the service has an http or https URL without credentials
// → write it as https://example.com/media
func PushUrlForm() Reason {
	return Reason{ReasonCode: "push_url_form", RemedyCode: "write_it_as_https_example_com_media"}
}

// CodePushWithoutPublicUrl is the code of PushWithoutPublicUrl.
const CodePushWithoutPublicUrl = "push_without_public_url"

// PushWithoutPublicUrl: the service fetches the files, and this server does not know its own public address
// → start it with --public-url
func PushWithoutPublicUrl() Reason {
	return Reason{ReasonCode: "push_without_public_url", RemedyCode: "start_it_with_public_url"}
}

// CodeQualityRange is the code of QualityRange.
const CodeQualityRange = "quality_range"

// QualityRange: quality is 1–100
// → 80 is a good start
func QualityRange() Reason {
	return Reason{ReasonCode: "quality_range", RemedyCode: "quality_80_is_good"}
}

// CodeQuarantineReadable is the code of QuarantineReadable.
const CodeQuarantineReadable = "quarantine_readable"

// QuarantineReadable: an earlier version refused it; this one takes it in
func QuarantineReadable() Reason {
	return Reason{ReasonCode: "quarantine_readable"}
}

// CodeQueryAndNeedsLeft is the code of QueryAndNeedsLeft.
const CodeQueryAndNeedsLeft = "query_and_needs_left"

// QueryAndNeedsLeft: AND needs something before it
// → words are all required anyway: leave AND out
func QueryAndNeedsLeft() Reason {
	return Reason{ReasonCode: "query_and_needs_left", RemedyCode: "words_are_all_required_anyway"}
}

// CodeQueryBoxForm is the code of QueryBoxForm.
const CodeQueryBoxForm = "query_box_form"

// QueryBoxForm: a box is written as south,west,north,east in degrees
// → for example {example}
func QueryBoxForm(example any) Reason {
	return Reason{ReasonCode: "query_box_form", Params: Params{"example": value(example)}, RemedyCode: "for_example_example"}
}

// CodeQueryDistance is the code of QueryDistance.
const CodeQueryDistance = "query_distance"

// QueryDistance: the distance is a number with m, km or mi
// → write latitude, longitude and distance without spaces: {example}
func QueryDistance(example any) Reason {
	return Reason{ReasonCode: "query_distance", Params: Params{"example": value(example)}, RemedyCode: "write_latitude_longitude_and_distance_without"}
}

// CodeQueryEmptyParentheses is the code of QueryEmptyParentheses.
const CodeQueryEmptyParentheses = "query_empty_parentheses"

// QueryEmptyParentheses: there is nothing between the parentheses
// → put words between them, or remove them
func QueryEmptyParentheses() Reason {
	return Reason{ReasonCode: "query_empty_parentheses", RemedyCode: "put_words_between_them_or_remove"}
}

// CodeQueryLatitude is the code of QueryLatitude.
const CodeQueryLatitude = "query_latitude"

// QueryLatitude: the latitude is a number from -90 to 90
// → write latitude, longitude and distance without spaces: {example}
func QueryLatitude(example any) Reason {
	return Reason{ReasonCode: "query_latitude", Params: Params{"example": value(example)}, RemedyCode: "write_latitude_longitude_and_distance_without"}
}

// CodeQueryLettersNeeded is the code of QueryLettersNeeded.
const CodeQueryLettersNeeded = "query_letters_needed"

// QueryLettersNeeded: {name}: needs letters or digits
// → for example {example}
func QueryLettersNeeded(name, example any) Reason {
	return Reason{ReasonCode: "query_letters_needed", Params: Params{"name": value(name), "example": value(example)}, RemedyCode: "for_example_example"}
}

// CodeQueryLongitude is the code of QueryLongitude.
const CodeQueryLongitude = "query_longitude"

// QueryLongitude: the longitude is a number from -180 to 180
// → write latitude, longitude and distance without spaces: {example}
func QueryLongitude(example any) Reason {
	return Reason{ReasonCode: "query_longitude", Params: Params{"example": value(example)}, RemedyCode: "write_latitude_longitude_and_distance_without"}
}

// CodeQueryNamesSmartCollection is the code of QueryNamesSmartCollection.
const CodeQueryNamesSmartCollection = "query_names_smart_collection"

// QueryNamesSmartCollection: the collection {name:q} is a smart one: the query of another can't build on it
// → write its query instead
func QueryNamesSmartCollection(name any) Reason {
	return Reason{ReasonCode: "query_names_smart_collection", Params: Params{"name": value(name)}, RemedyCode: "write_its_query_instead"}
}

// CodeQueryNotAColor is the code of QueryNotAColor.
const CodeQueryNotAColor = "query_not_a_color"

// QueryNotAColor: this is not a colour
// → write # and six hexadecimal digits, such as color:#aabbcc
func QueryNotAColor() Reason {
	return Reason{ReasonCode: "query_not_a_color", RemedyCode: "write_and_six_hexadecimal_digits"}
}

// CodeQueryNotAScore is the code of QueryNotAScore.
const CodeQueryNotAScore = "query_not_a_score"

// QueryNotAScore: “{score}” is not a score
// → write a number from 0 to 1, such as similar:{id},0.9
func QueryNotAScore(score, id any) Reason {
	return Reason{ReasonCode: "query_not_a_score", Params: Params{"score": value(score), "id": value(id)}, RemedyCode: "write_a_number_from_0"}
}

// CodeQueryNotAValue is the code of QueryNotAValue.
const CodeQueryNotAValue = "query_not_a_value"

// QueryNotAValue: “{value}” is not a value of {name}
func QueryNotAValue(valueOf, name any) Reason {
	return Reason{ReasonCode: "query_not_a_value", Params: Params{"value": value(valueOf), "name": value(name)}}
}

// CodeQueryNotAnAsset is the code of QueryNotAnAsset.
const CodeQueryNotAnAsset = "query_not_an_asset"

// QueryNotAnAsset: this is not the id of an asset
// → ids look like a_01hz… ; copy it from the asset's page
func QueryNotAnAsset() Reason {
	return Reason{ReasonCode: "query_not_an_asset", RemedyCode: "ids_look_like_a_01hz"}
}

// CodeQueryNotNeedsRight is the code of QueryNotNeedsRight.
const CodeQueryNotNeedsRight = "query_not_needs_right"

// QueryNotNeedsRight: NOT needs something after it
// → add a word, or write “not” to search for it
func QueryNotNeedsRight() Reason {
	return Reason{ReasonCode: "query_not_needs_right", RemedyCode: "add_a_word_or_write_not"}
}

// CodeQueryNotUtf8 is the code of QueryNotUtf8.
const CodeQueryNotUtf8 = "query_not_utf8"

// QueryNotUtf8: the query is not valid UTF-8
// → type it again
func QueryNotUtf8() Reason {
	return Reason{ReasonCode: "query_not_utf8", RemedyCode: "type_it_again"}
}

// CodeQueryOrNeedsLeft is the code of QueryOrNeedsLeft.
const CodeQueryOrNeedsLeft = "query_or_needs_left"

// QueryOrNeedsLeft: OR needs something before it
// → put a word before OR, or write “or” to search for it
func QueryOrNeedsLeft() Reason {
	return Reason{ReasonCode: "query_or_needs_left", RemedyCode: "put_a_word_before"}
}

// CodeQueryOrNeedsRight is the code of QueryOrNeedsRight.
const CodeQueryOrNeedsRight = "query_or_needs_right"

// QueryOrNeedsRight: OR needs something after it
// → add a word, or remove OR
func QueryOrNeedsRight() Reason {
	return Reason{ReasonCode: "query_or_needs_right", RemedyCode: "add_a_word_or_remove"}
}

// CodeQueryParenthesisNotClosed is the code of QueryParenthesisNotClosed.
const CodeQueryParenthesisNotClosed = "query_parenthesis_not_closed"

// QueryParenthesisNotClosed: this parenthesis is never closed
// → add ) where the group ends
func QueryParenthesisNotClosed() Reason {
	return Reason{ReasonCode: "query_parenthesis_not_closed", RemedyCode: "add_where_the_group_ends"}
}

// CodeQueryParenthesisNotOpened is the code of QueryParenthesisNotOpened.
const CodeQueryParenthesisNotOpened = "query_parenthesis_not_opened"

// QueryParenthesisNotOpened: this parenthesis was never opened
// → remove it, or open one before
func QueryParenthesisNotOpened() Reason {
	return Reason{ReasonCode: "query_parenthesis_not_opened", RemedyCode: "remove_it_or_open_one_before"}
}

// CodeQueryPlaceForm is the code of QueryPlaceForm.
const CodeQueryPlaceForm = "query_place_form"

// QueryPlaceForm: a place is written as latitude,longitude,distance
// → write latitude, longitude and distance without spaces: {example}
func QueryPlaceForm(example any) Reason {
	return Reason{ReasonCode: "query_place_form", Params: Params{"example": value(example)}, RemedyCode: "write_latitude_longitude_and_distance_without"}
}

// CodeQueryQuoteNotClosed is the code of QueryQuoteNotClosed.
const CodeQueryQuoteNotClosed = "query_quote_not_closed"

// QueryQuoteNotClosed: this quotation mark is never closed
// → add " where the phrase ends
func QueryQuoteNotClosed() Reason {
	return Reason{ReasonCode: "query_quote_not_closed", RemedyCode: "add_where_the_phrase_ends"}
}

// CodeQueryRangeBackwards is the code of QueryRangeBackwards.
const CodeQueryRangeBackwards = "query_range_backwards"

// QueryRangeBackwards: this range ends before it starts
func QueryRangeBackwards() Reason {
	return Reason{ReasonCode: "query_range_backwards"}
}

// CodeQueryRangeWithoutEnds is the code of QueryRangeWithoutEnds.
const CodeQueryRangeWithoutEnds = "query_range_without_ends"

// QueryRangeWithoutEnds: this range has no ends
// → for example {example}
func QueryRangeWithoutEnds(example any) Reason {
	return Reason{ReasonCode: "query_range_without_ends", Params: Params{"example": value(example)}, RemedyCode: "for_example_example"}
}

// CodeQueryStarInsideValue is the code of QueryStarInsideValue.
const CodeQueryStarInsideValue = "query_star_inside_value"

// QueryStarInsideValue: * only works at the end of a value
// → put the value in quotation marks if it contains a *
func QueryStarInsideValue() Reason {
	return Reason{ReasonCode: "query_star_inside_value", RemedyCode: "put_the_value_in_quotation_marks"}
}

// CodeQueryStarInsideWord is the code of QueryStarInsideWord.
const CodeQueryStarInsideWord = "query_star_inside_word"

// QueryStarInsideWord: * only works at the end of a word
// → write the beginning of the word, then *
func QueryStarInsideWord() Reason {
	return Reason{ReasonCode: "query_star_inside_word", RemedyCode: "write_the_beginning_of_the_word"}
}

// CodeQueryTooDeep is the code of QueryTooDeep.
const CodeQueryTooDeep = "query_too_deep"

// QueryTooDeep: parentheses are nested too deep
// → use fewer
func QueryTooDeep() Reason {
	return Reason{ReasonCode: "query_too_deep", RemedyCode: "use_fewer"}
}

// CodeQueryTooLong is the code of QueryTooLong.
const CodeQueryTooLong = "query_too_long"

// QueryTooLong: the query is longer than {max} bytes
// → shorten it, or use a collection
func QueryTooLong(max any) Reason {
	return Reason{ReasonCode: "query_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten_it_or_use_a_collection"}
}

// CodeQueryUnknownField is the code of QueryUnknownField.
const CodeQueryUnknownField = "query_unknown_field"

// QueryUnknownField: there is no field “{name}”
func QueryUnknownField(name any) Reason {
	return Reason{ReasonCode: "query_unknown_field", Params: Params{"name": value(name)}}
}

// CodeQueryValueNeeded is the code of QueryValueNeeded.
const CodeQueryValueNeeded = "query_value_needed"

// QueryValueNeeded: {name}: needs a value
// → for example {example}
func QueryValueNeeded(name, example any) Reason {
	return Reason{ReasonCode: "query_value_needed", Params: Params{"name": value(name), "example": value(example)}, RemedyCode: "for_example_example"}
}

// CodeQueryValueNeededHere is the code of QueryValueNeededHere.
const CodeQueryValueNeededHere = "query_value_needed_here"

// QueryValueNeededHere: {name}: needs a value here
// → for example {example}
func QueryValueNeededHere(name, example any) Reason {
	return Reason{ReasonCode: "query_value_needed_here", Params: Params{"name": value(name), "example": value(example)}, RemedyCode: "for_example_example"}
}

// CodeQueryWithoutWord is the code of QueryWithoutWord.
const CodeQueryWithoutWord = "query_without_word"

// QueryWithoutWord: there is no word to search for
// → use letters or digits, or a field such as type:image
func QueryWithoutWord() Reason {
	return Reason{ReasonCode: "query_without_word", RemedyCode: "use_letters_or_digits"}
}

// CodeQuotaForm is the code of QuotaForm.
const CodeQuotaForm = "quota_form"

// QuotaForm: a quota is a number of bytes, up to an exabyte; 0 is no limit
// → enter a smaller number
func QuotaForm() Reason {
	return Reason{ReasonCode: "quota_form", RemedyCode: "enter_a_smaller_number"}
}

// CodeRangeNotSatisfiable is the code of RangeNotSatisfiable.
const CodeRangeNotSatisfiable = "range_not_satisfiable"

// RangeNotSatisfiable: the file doesn't have the range that was asked for
// → ask for a range within the file, or for the whole of it
func RangeNotSatisfiable() Reason {
	return Reason{ReasonCode: "range_not_satisfiable", RemedyCode: "ask_for_a_range_within"}
}

// CodeRateForm is the code of RateForm.
const CodeRateForm = "rate_form"

// RateForm: a rate is a number of publications in a number of minutes
// → write {"max": 25, "minutes": 1440}
func RateForm() Reason {
	return Reason{ReasonCode: "rate_form", RemedyCode: "write_max"}
}

// CodeRatingRange is the code of RatingRange.
const CodeRatingRange = "rating_range"

// RatingRange: a rating is 0–5
// → 0 clears it
func RatingRange() Reason {
	return Reason{ReasonCode: "rating_range", RemedyCode: "zero_clears"}
}

// CodeRawWithoutPreview is the code of RawWithoutPreview.
const CodeRawWithoutPreview = "raw_without_preview"

// RawWithoutPreview: the raw file has no preview inside
// → export a JPEG or TIFF from your raw converter and upload that beside it; the original can be downloaded
func RawWithoutPreview() Reason {
	return Reason{ReasonCode: "raw_without_preview", RemedyCode: "export_a_jpeg_or_tiff_from"}
}

// CodeReadingStandsAlone is the code of ReadingStandsAlone.
const CodeReadingStandsAlone = "reading_stands_alone"

// ReadingStandsAlone: reading metadata again goes with no other change
// → begin another job for it
func ReadingStandsAlone() Reason {
	return Reason{ReasonCode: "reading_stands_alone", RemedyCode: "begin_another_job_for_it"}
}

// CodeRecallStillShown is the code of RecallStillShown.
const CodeRecallStillShown = "recall_still_shown"

// RecallStillShown: the channel took the recall and still shows it
func RecallStillShown() Reason {
	return Reason{ReasonCode: "recall_still_shown"}
}

// CodeRecalledByPerson is the code of RecalledByPerson.
const CodeRecalledByPerson = "recalled_by_person"

// RecalledByPerson: recalled by a person
func RecalledByPerson() Reason {
	return Reason{ReasonCode: "recalled_by_person"}
}

// CodeRecalledEverywhere is the code of RecalledEverywhere.
const CodeRecalledEverywhere = "recalled_everywhere"

// RecalledEverywhere: the asset was recalled from everywhere
func RecalledEverywhere() Reason {
	return Reason{ReasonCode: "recalled_everywhere"}
}

// CodeRecalledEverywhereFor is the code of RecalledEverywhereFor.
const CodeRecalledEverywhereFor = "recalled_everywhere_for"

// RecalledEverywhereFor: {text}
func RecalledEverywhereFor(text any) Reason {
	return Reason{ReasonCode: "recalled_everywhere_for", Params: Params{"text": value(text)}}
}

// CodeReinstateInBin is the code of ReinstateInBin.
const CodeReinstateInBin = "reinstate_in_bin"

// ReinstateInBin: the asset is in the bin
// → take it back first
func ReinstateInBin() Reason {
	return Reason{ReasonCode: "reinstate_in_bin", RemedyCode: "take_it_back_first"}
}

// CodeReinstateNeedsReason is the code of ReinstateNeedsReason.
const CodeReinstateNeedsReason = "reinstate_needs_reason"

// ReinstateNeedsReason: it needs a reason
// → say why the public may see it again
func ReinstateNeedsReason() Reason {
	return Reason{ReasonCode: "reinstate_needs_reason", RemedyCode: "say_why_the_public_may_see"}
}

// CodeReinstateNoneApproved is the code of ReinstateNoneApproved.
const CodeReinstateNoneApproved = "reinstate_none_approved"

// ReinstateNoneApproved: no version of the asset is approved
// → approve one: that ends the recall, too
func ReinstateNoneApproved() Reason {
	return Reason{ReasonCode: "reinstate_none_approved", RemedyCode: "approve_one"}
}

// CodeReinstateNotRecalled is the code of ReinstateNotRecalled.
const CodeReinstateNotRecalled = "reinstate_not_recalled"

// ReinstateNotRecalled: the asset has not been recalled
// → reload it
func ReinstateNotRecalled() Reason {
	return Reason{ReasonCode: "reinstate_not_recalled", RemedyCode: "reload"}
}

// CodeReinstateRecallOver is the code of ReinstateRecallOver.
const CodeReinstateRecallOver = "reinstate_recall_over"

// ReinstateRecallOver: the recall is over already: a version has been approved since
// → reload it
func ReinstateRecallOver() Reason {
	return Reason{ReasonCode: "reinstate_recall_over", RemedyCode: "reload"}
}

// CodeRejectionNeedsComment is the code of RejectionNeedsComment.
const CodeRejectionNeedsComment = "rejection_needs_comment"

// RejectionNeedsComment: a rejection needs a comment
// → say what should change
func RejectionNeedsComment() Reason {
	return Reason{ReasonCode: "rejection_needs_comment", RemedyCode: "say_what_should_change"}
}

// CodeRelatedToItself is the code of RelatedToItself.
const CodeRelatedToItself = "related_to_itself"

// RelatedToItself: an asset can’t be related to itself
// → name another asset
func RelatedToItself() Reason {
	return Reason{ReasonCode: "related_to_itself", RemedyCode: "name_another_asset"}
}

// CodeRelationNarrows is the code of RelationNarrows.
const CodeRelationNarrows = "relation_narrows"

// RelationNarrows: with this, the licences and consents of the one would allow less than is allowed of {asset}, which is live
// → see with dry_run what it takes from the public, and send accept if that is meant
func RelationNarrows(asset any) Reason {
	return Reason{ReasonCode: "relation_narrows", Params: Params{"asset": value(asset)}, RemedyCode: "see_what_it_takes_and_accept"}
}

// CodeRelationNarrowsUnseen is the code of RelationNarrowsUnseen.
const CodeRelationNarrowsUnseen = "relation_narrows_unseen"

// RelationNarrowsUnseen: with this, licences and consents would allow less than is allowed of live assets that you don’t see
// → ask an administrator
func RelationNarrowsUnseen() Reason {
	return Reason{ReasonCode: "relation_narrows_unseen", RemedyCode: "ask_an_administrator"}
}

// CodeRelationsInACircle is the code of RelationsInACircle.
const CodeRelationsInACircle = "relations_in_a_circle"

// RelationsInACircle: with this, the asset would be made of itself, by way of others
// → remove the relation that leads back first
func RelationsInACircle() Reason {
	return Reason{ReasonCode: "relations_in_a_circle", RemedyCode: "remove_the_other_relation_first"}
}

// CodeReleaseNeedsYes is the code of ReleaseNeedsYes.
const CodeReleaseNeedsYes = "release_needs_yes"

// ReleaseNeedsYes: what is sent can't be unsent
// → add --yes when this is the server that shall send, and no other one does
func ReleaseNeedsYes() Reason {
	return Reason{ReasonCode: "release_needs_yes", RemedyCode: "confirm_sending_server"}
}

// CodeRemovedFromPlaylist is the code of RemovedFromPlaylist.
const CodeRemovedFromPlaylist = "removed_from_playlist"

// RemovedFromPlaylist: removed from the playlist
func RemovedFromPlaylist() Reason {
	return Reason{ReasonCode: "removed_from_playlist"}
}

// CodeRenderMemory is the code of RenderMemory.
const CodeRenderMemory = "render_memory"

// RenderMemory: the picture needs more memory than a rendition may use
// → upload a smaller version
func RenderMemory() Reason {
	return Reason{ReasonCode: "render_memory", RemedyCode: "upload_a_smaller_version"}
}

// CodeRenderTimeout is the code of RenderTimeout.
const CodeRenderTimeout = "render_timeout"

// RenderTimeout: the picture takes longer than {timeout:duration} to render
// → upload a smaller or simpler version
func RenderTimeout(timeout any) Reason {
	return Reason{ReasonCode: "render_timeout", Params: Params{"timeout": value(timeout)}, RemedyCode: "upload_a_smaller_or_simpler_version"}
}

// CodeRenderedAgain is the code of RenderedAgain.
const CodeRenderedAgain = "rendered_again"

// RenderedAgain: a newer version made its pictures again; the channel keeps those that it has
// → save the publication again to send them
func RenderedAgain() Reason {
	return Reason{ReasonCode: "rendered_again", RemedyCode: "edit_it_to_send_it_again"}
}

// CodeRenditionLost is the code of RenditionLost.
const CodeRenditionLost = "rendition_lost"

// RenditionLost: the file is lost or damaged in the storage; it is made again
// → ask again in a few seconds
func RenditionLost() Reason {
	return Reason{ReasonCode: "rendition_lost", RemedyCode: "ask_again_in_a_few_seconds"}
}

// CodeRenditionNotMade is the code of RenditionNotMade.
const CodeRenditionNotMade = "rendition_not_made"

// RenditionNotMade: the preset “{preset}” has not been made of this version
// → make the asset's renditions again
func RenditionNotMade(preset any) Reason {
	return Reason{ReasonCode: "rendition_not_made", Params: Params{"preset": value(preset)}, RemedyCode: "make_the_assets_renditions_again"}
}

// CodeRenditionNotMadeBecause is the code of RenditionNotMadeBecause.
const CodeRenditionNotMadeBecause = "rendition_not_made_because"

// RenditionNotMadeBecause: the preset “{preset}” has not been made of this version: {why}
// → retry its renditions, or choose other presets
func RenditionNotMadeBecause(preset, why any) Reason {
	return Reason{ReasonCode: "rendition_not_made_because", Params: Params{"preset": value(preset), "why": value(why)}, RemedyCode: "retry_its_renditions_or_choose_other"}
}

// CodeRenditionNotMadeRetry is the code of RenditionNotMadeRetry.
const CodeRenditionNotMadeRetry = "rendition_not_made_retry"

// RenditionNotMadeRetry: the preset “{preset}” has not been made of this version
// → retry its renditions, or choose other presets
func RenditionNotMadeRetry(preset any) Reason {
	return Reason{ReasonCode: "rendition_not_made_retry", Params: Params{"preset": value(preset)}, RemedyCode: "retry_its_renditions_or_choose_other"}
}

// CodeRenditionNotWritten is the code of RenditionNotWritten.
const CodeRenditionNotWritten = "rendition_not_written"

// RenditionNotWritten: the {format} rendition {name:q} could not be written
func RenditionNotWritten(format, name any) Reason {
	return Reason{ReasonCode: "rendition_not_written", Params: Params{"format": value(format), "name": value(name)}}
}

// CodeRenditionOverCeiling is the code of RenditionOverCeiling.
const CodeRenditionOverCeiling = "rendition_over_ceiling"

// RenditionOverCeiling: the rendition {name:q} can't be made smaller than {size} bytes; its preset allows {max}
// → raise the preset's byte ceiling, make it smaller, or use a format that compresses
func RenditionOverCeiling(name, size, max any) Reason {
	return Reason{ReasonCode: "rendition_over_ceiling", Params: Params{"name": value(name), "size": value(size), "max": value(max)}, RemedyCode: "raise_the_presets_byte_ceiling_make"}
}

// CodeRenditionWithoutSize is the code of RenditionWithoutSize.
const CodeRenditionWithoutSize = "rendition_without_size"

// RenditionWithoutSize: rendition {name} has no size
// → set width, height or both
func RenditionWithoutSize(name any) Reason {
	return Reason{ReasonCode: "rendition_without_size", Params: Params{"name": value(name)}, RemedyCode: "set_width_height_or_both"}
}

// CodeRenditionsFailed is the code of RenditionsFailed.
const CodeRenditionsFailed = "renditions_failed"

// RenditionsFailed: The renditions could not be made; an administrator finds the reason under System, and can retry.
func RenditionsFailed() Reason {
	return Reason{ReasonCode: "renditions_failed"}
}

// CodeRenditionsInMaking is the code of RenditionsInMaking.
const CodeRenditionsInMaking = "renditions_in_making"

// RenditionsInMaking: its renditions are being made
func RenditionsInMaking() Reason {
	return Reason{ReasonCode: "renditions_in_making"}
}

// CodeRenditionsOfPicturesOnly is the code of RenditionsOfPicturesOnly.
const CodeRenditionsOfPicturesOnly = "renditions_of_pictures_only"

// RenditionsOfPicturesOnly: Renditions are made of pictures, video, sound and documents; the original can be downloaded.
func RenditionsOfPicturesOnly() Reason {
	return Reason{ReasonCode: "renditions_of_pictures_only"}
}

// CodeRenditionsPossible is the code of RenditionsPossible.
const CodeRenditionsPossible = "renditions_possible"

// RenditionsPossible: an earlier version made no renditions of it; this one can
func RenditionsPossible() Reason {
	return Reason{ReasonCode: "renditions_possible"}
}

// CodeRenditionsRefused is the code of RenditionsRefused.
const CodeRenditionsRefused = "renditions_refused"

// RenditionsRefused: {why}
func RenditionsRefused(why any) Reason {
	return Reason{ReasonCode: "renditions_refused", Params: Params{"why": value(why)}}
}

// CodeRepairFromItself is the code of RepairFromItself.
const CodeRepairFromItself = "repair_from_itself"

// RepairFromItself: this is the store itself
// → name another copy of the objects
func RepairFromItself() Reason {
	return Reason{ReasonCode: "repair_from_itself", RemedyCode: "name_another_copy_of_the_objects"}
}

// CodeRepairSourceUnreadable is the code of RepairSourceUnreadable.
const CodeRepairSourceUnreadable = "repair_source_unreadable"

// RepairSourceUnreadable: a source that may have the right bytes could not be read
// → see that it is reachable, then try again
func RepairSourceUnreadable() Reason {
	return Reason{ReasonCode: "repair_source_unreadable", RemedyCode: "make_reachable_and_retry"}
}

// CodeRepeatIsASeries is the code of RepeatIsASeries.
const CodeRepeatIsASeries = "repeat_is_a_series"

// RepeatIsASeries: what repeats is a series
// → plan it with POST /api/series, or keep it as a draft
func RepeatIsASeries() Reason {
	return Reason{ReasonCode: "repeat_is_a_series", RemedyCode: "plan_a_series"}
}

// CodeReportInMaking is the code of ReportInMaking.
const CodeReportInMaking = "report_in_making"

// ReportInMaking: another report is being made
// → try again in a moment
func ReportInMaking() Reason {
	return Reason{ReasonCode: "report_in_making", RemedyCode: "try_again_in_a_moment_2"}
}

// CodeReportTakesTooLong is the code of ReportTakesTooLong.
const CodeReportTakesTooLong = "report_takes_too_long"

// ReportTakesTooLong: the report takes too long
// → ask with a higher min, or about fewer assets with q
func ReportTakesTooLong() Reason {
	return Reason{ReasonCode: "report_takes_too_long", RemedyCode: "ask_with_a_higher_min"}
}

// CodeReportTooLong is the code of ReportTooLong.
const CodeReportTooLong = "report_too_long"

// ReportTooLong: the report is too long
func ReportTooLong() Reason {
	return Reason{ReasonCode: "report_too_long"}
}

// CodeReportUnreadable is the code of ReportUnreadable.
const CodeReportUnreadable = "report_unreadable"

// ReportUnreadable: the report can't be read
func ReportUnreadable() Reason {
	return Reason{ReasonCode: "report_unreadable"}
}

// CodeReprocessingNotReady is the code of ReprocessingNotReady.
const CodeReprocessingNotReady = "reprocessing_not_ready"

// ReprocessingNotReady: the reprocessing is not waiting to be confirmed
// → begin another reprocessing
func ReprocessingNotReady() Reason {
	return Reason{ReasonCode: "reprocessing_not_ready", RemedyCode: "begin_another_reprocessing"}
}

// CodeReprocessingOver is the code of ReprocessingOver.
const CodeReprocessingOver = "reprocessing_over"

// ReprocessingOver: the reprocessing has ended
// → nothing is left to do
func ReprocessingOver() Reason {
	return Reason{ReasonCode: "reprocessing_over", RemedyCode: "nothing_is_left_to_do"}
}

// CodeReprocessingRuns is the code of ReprocessingRuns.
const CodeReprocessingRuns = "reprocessing_runs"

// ReprocessingRuns: a reprocessing is running
// → cancel it, or wait for its end
func ReprocessingRuns() Reason {
	return Reason{ReasonCode: "reprocessing_runs", RemedyCode: "cancel_it_or_wait_for_its_end"}
}

// CodeReprocessingStuck is the code of ReprocessingStuck.
const CodeReprocessingStuck = "reprocessing_stuck"

// ReprocessingStuck: the server gave up after several attempts
// → begin another reprocessing
func ReprocessingStuck() Reason {
	return Reason{ReasonCode: "reprocessing_stuck", RemedyCode: "begin_another_reprocessing"}
}

// CodeRequestMismatch is the code of RequestMismatch.
const CodeRequestMismatch = "request_mismatch"

// RequestMismatch: {message}
// → see /api/openapi.json for what this address takes
func RequestMismatch(message any) Reason {
	return Reason{ReasonCode: "request_mismatch", Params: Params{"message": value(message)}, RemedyCode: "see_openapi_for_address"}
}

// CodeRequestTimeout is the code of RequestTimeout.
const CodeRequestTimeout = "request_timeout"

// RequestTimeout: the request took too long
// → try again in a moment
func RequestTimeout() Reason {
	return Reason{ReasonCode: "request_timeout", RemedyCode: "try_again_in_a_moment_2"}
}

// CodeRequired is the code of Required.
const CodeRequired = "required"

// Required: it is required
// → send {name}
func Required(name any) Reason {
	return Reason{ReasonCode: "required", Params: Params{"name": value(name)}, RemedyCode: "send_name"}
}

// CodeRequiredSlotTwice is the code of RequiredSlotTwice.
const CodeRequiredSlotTwice = "required_slot_twice"

// RequiredSlotTwice: {slot} is there twice
// → remove one
func RequiredSlotTwice(slot any) Reason {
	return Reason{ReasonCode: "required_slot_twice", Params: Params{"slot": value(slot)}, RemedyCode: "remove_one"}
}

// CodeRetriedByHand is the code of RetriedByHand.
const CodeRetriedByHand = "retried_by_hand"

// RetriedByHand: retried by hand
func RetriedByHand() Reason {
	return Reason{ReasonCode: "retried_by_hand"}
}

// CodeReviewWentOn is the code of ReviewWentOn.
const CodeReviewWentOn = "review_went_on"

// ReviewWentOn: the review has gone on since
// → decide about the asset by hand
func ReviewWentOn() Reason {
	return Reason{ReasonCode: "review_went_on", RemedyCode: "decide_about_the_asset_by_hand"}
}

// CodeRightsBeginLater is the code of RightsBeginLater.
const CodeRightsBeginLater = "rights_begin_later"

// RightsBeginLater: the rights begin on {from:date}
// → plan it for then or later
func RightsBeginLater(from any) Reason {
	return Reason{ReasonCode: "rights_begin_later", Params: Params{"from": value(from)}, RemedyCode: "plan_it_for_then_or_later"}
}

// CodeRightsEnd is the code of RightsEnd.
const CodeRightsEnd = "rights_end"

// RightsEnd: the rights end on {until:date}
// → extend them, choose an earlier date or another asset
func RightsEnd(until any) Reason {
	return Reason{ReasonCode: "rights_end", Params: Params{"until": value(until)}, RemedyCode: "extend_them_choose_an_earlier_date"}
}

// CodeRightsEndBeforeStart is the code of RightsEndBeforeStart.
const CodeRightsEndBeforeStart = "rights_end_before_start"

// RightsEndBeforeStart: the end is before the beginning
// → swap the dates or clear one
func RightsEndBeforeStart() Reason {
	return Reason{ReasonCode: "rights_end_before_start", RemedyCode: "swap_or_clear_dates"}
}

// CodeRightsNameLength is the code of RightsNameLength.
const CodeRightsNameLength = "rights_name_length"

// RightsNameLength: the name has 1 to {max} characters
// → enter who gives it
func RightsNameLength(max any) Reason {
	return Reason{ReasonCode: "rights_name_length", Params: Params{"max": value(max)}, RemedyCode: "enter_a_name_of_length"}
}

// CodeRightsNoAsset is the code of RightsNoAsset.
const CodeRightsNoAsset = "rights_no_asset"

// RightsNoAsset: no asset is found by “{name}”
// → check how it is written, or name the asset in another way
func RightsNoAsset(name any) Reason {
	return Reason{ReasonCode: "rights_no_asset", Params: Params{"name": value(name)}, RemedyCode: "check_the_spelling_of_row"}
}

// CodeRightsNotBegun is the code of RightsNotBegun.
const CodeRightsNotBegun = "rights_not_begun"

// RightsNotBegun: the rights begin on {from:date}
func RightsNotBegun(from any) Reason {
	return Reason{ReasonCode: "rights_not_begun", Params: Params{"from": value(from)}}
}

// CodeRightsNumberNeeded is the code of RightsNumberNeeded.
const CodeRightsNumberNeeded = "rights_number_needed"

// RightsNumberNeeded: a licence is imported by its number, and the row has none
// → fill in the number
func RightsNumberNeeded() Reason {
	return Reason{ReasonCode: "rights_number_needed", RemedyCode: "fill_in_the_number"}
}

// CodeRightsNumberTaken is the code of RightsNumberTaken.
const CodeRightsNumberTaken = "rights_number_taken"

// RightsNumberTaken: “{number}” is the number of another one: {other}
// → choose another number, or change the other one
func RightsNumberTaken(number, other any) Reason {
	return Reason{ReasonCode: "rights_number_taken", Params: Params{"number": value(number), "other": value(other)}, RemedyCode: "choose_another_number"}
}

// CodeRightsRecordArchived is the code of RightsRecordArchived.
const CodeRightsRecordArchived = "rights_record_archived"

// RightsRecordArchived: it is archived, and can’t be linked to more assets
// → take it out of the archive first
func RightsRecordArchived() Reason {
	return Reason{ReasonCode: "rights_record_archived", RemedyCode: "take_it_out_of_the_archive"}
}

// CodeRightsRecordChanged is the code of RightsRecordChanged.
const CodeRightsRecordChanged = "rights_record_changed"

// RightsRecordChanged: somebody changed it meanwhile
// → read it again and repeat the edit
func RightsRecordChanged() Reason {
	return Reason{ReasonCode: "rights_record_changed", RemedyCode: "read_it_again_and_repeat"}
}

// CodeRightsRowsLeftOut is the code of RightsRowsLeftOut.
const CodeRightsRowsLeftOut = "rights_rows_left_out"

// RightsRowsLeftOut: rows that were left out: {count}
// → correct them and import them again
func RightsRowsLeftOut(count any) Reason {
	return Reason{ReasonCode: "rights_rows_left_out", Params: Params{"count": value(count)}, RemedyCode: "correct_the_rows_and_import_again"}
}

// CodeRightsSeveralAssets is the code of RightsSeveralAssets.
const CodeRightsSeveralAssets = "rights_several_assets"

// RightsSeveralAssets: several assets are found by “{name}”
// → name the asset by its id or its hash
func RightsSeveralAssets(name any) Reason {
	return Reason{ReasonCode: "rights_several_assets", Params: Params{"name": value(name)}, RemedyCode: "name_the_asset_by_id"}
}

// CodeRightsWideningNeedsPublisher is the code of RightsWideningNeedsPublisher.
const CodeRightsWideningNeedsPublisher = "rights_widening_needs_publisher"

// RightsWideningNeedsPublisher: the asset is approved, and this would let the public see more of it: a publisher decides that
// → ask a publisher to change the rights; narrowing them needs no one
func RightsWideningNeedsPublisher() Reason {
	return Reason{ReasonCode: "rights_widening_needs_publisher", RemedyCode: "ask_a_publisher_to_change"}
}

// CodeRoleAboveOwn is the code of RoleAboveOwn.
const CodeRoleAboveOwn = "role_above_own"

// RoleAboveOwn: you cannot give a role you do not have
// → choose a lesser role
func RoleAboveOwn() Reason {
	return Reason{ReasonCode: "role_above_own", RemedyCode: "choose_a_lesser_role"}
}

// CodeRoleExists is the code of RoleExists.
const CodeRoleExists = "role_exists"

// RoleExists: there is a role of this name already
// → choose another name
func RoleExists() Reason {
	return Reason{ReasonCode: "role_exists", RemedyCode: "choose_another_name"}
}

// CodeRoleInUse is the code of RoleInUse.
const CodeRoleInUse = "role_in_use"

// RoleInUse: {count} still have this role: {holders}
// → give them another role first
func RoleInUse(count, holders any) Reason {
	return Reason{ReasonCode: "role_in_use", Params: Params{"count": value(count), "holders": value(holders)}, RemedyCode: "give_them_another_role_first"}
}

// CodeRoleNameForm is the code of RoleNameForm.
const CodeRoleNameForm = "role_name_form"

// RoleNameForm: a role’s name is 1 to 40 lower-case letters, digits, _ and -, and begins with a letter
func RoleNameForm() Reason {
	return Reason{ReasonCode: "role_name_form"}
}

// CodeRoleNamedByFields is the code of RoleNamedByFields.
const CodeRoleNamedByFields = "role_named_by_fields"

// RoleNamedByFields: fields are seen or edited by this role: {fields}
// → change these fields first
func RoleNamedByFields(fields any) Reason {
	return Reason{ReasonCode: "role_named_by_fields", Params: Params{"fields": value(fields)}, RemedyCode: "change_these_fields_first"}
}

// CodeRoleReadyMade is the code of RoleReadyMade.
const CodeRoleReadyMade = "role_ready_made"

// RoleReadyMade: a ready-made role can’t be changed or removed
// → copy it under another name
func RoleReadyMade() Reason {
	return Reason{ReasonCode: "role_ready_made", RemedyCode: "copy_it_under_another_name"}
}

// CodeRowCellsDiffer is the code of RowCellsDiffer.
const CodeRowCellsDiffer = "row_cells_differ"

// RowCellsDiffer: it has {cells} cells, the first line has {columns}
// → quote cells that hold the separator
func RowCellsDiffer(cells, columns any) Reason {
	return Reason{ReasonCode: "row_cells_differ", Params: Params{"cells": value(cells), "columns": value(columns)}, RemedyCode: "quote_cells_that_hold_the_separator"}
}

// CodeRowNotUtf8 is the code of RowNotUtf8.
const CodeRowNotUtf8 = "row_not_utf8"

// RowNotUtf8: it is not UTF-8
// → save the file as “CSV UTF-8”
func RowNotUtf8() Reason {
	return Reason{ReasonCode: "row_not_utf8", RemedyCode: "save_the_file_as_csv_utf"}
}

// CodeRuleAuthorMayNotPublish is the code of RuleAuthorMayNotPublish.
const CodeRuleAuthorMayNotPublish = "rule_author_may_not_publish"

// RuleAuthorMayNotPublish: its rule publishes nothing new: who saved it is disabled, or may not publish here any more
// → let somebody who may publish save the rule: it then acts as them
func RuleAuthorMayNotPublish() Reason {
	return Reason{ReasonCode: "rule_author_may_not_publish", RemedyCode: "save_the_rule_as_somebody_who_may_publish"}
}

// CodeRuleNoLongerMatches is the code of RuleNoLongerMatches.
const CodeRuleNoLongerMatches = "rule_no_longer_matches"

// RuleNoLongerMatches: the asset no longer matches the channel's rule
func RuleNoLongerMatches() Reason {
	return Reason{ReasonCode: "rule_no_longer_matches"}
}

// CodeRuleQueryNotTried is the code of RuleQueryNotTried.
const CodeRuleQueryNotTried = "rule_query_not_tried"

// RuleQueryNotTried: the query can't be tried at the moment
// → wait a moment, then save again
func RuleQueryNotTried() Reason {
	return Reason{ReasonCode: "rule_query_not_tried", RemedyCode: "wait_a_moment_then_save_again"}
}

// CodeRuleWithoutPresets is the code of RuleWithoutPresets.
const CodeRuleWithoutPresets = "rule_without_presets"

// RuleWithoutPresets: a rule names the presets it publishes
// → choose at least one
func RuleWithoutPresets() Reason {
	return Reason{ReasonCode: "rule_without_presets", RemedyCode: "choose_at_least_one"}
}

// CodeRulesChangedMeanwhile is the code of RulesChangedMeanwhile.
const CodeRulesChangedMeanwhile = "rules_changed_meanwhile"

// RulesChangedMeanwhile: somebody changed the rules meanwhile: revision {revision} is not the newest
// → read them again and repeat the edit
func RulesChangedMeanwhile(revision any) Reason {
	return Reason{ReasonCode: "rules_changed_meanwhile", Params: Params{"revision": value(revision)}, RemedyCode: "read_them_again_and_repeat"}
}

// CodeRunOver is the code of RunOver.
const CodeRunOver = "run_over"

// RunOver: the run is {state:job_state} already
// → nothing is left to do
func RunOver(state any) Reason {
	return Reason{ReasonCode: "run_over", Params: Params{"state": value(state)}, RemedyCode: "nothing_is_left_to_do"}
}

// CodeRunStuck is the code of RunStuck.
const CodeRunStuck = "run_stuck"

// RunStuck: A part of the server did not answer; change the preset again to start over.
func RunStuck() Reason {
	return Reason{ReasonCode: "run_stuck"}
}

// CodeSaid is the code of Said.
const CodeSaid = "said"

// Said: {text}
// → {remedy}
func Said(text, remedy any) Reason {
	return Reason{ReasonCode: "said", Params: Params{"text": value(text), "remedy": value(remedy)}, RemedyCode: "as_said"}
}

// CodeSaleEndsBeforeLaunch is the code of SaleEndsBeforeLaunch.
const CodeSaleEndsBeforeLaunch = "sale_ends_before_launch"

// SaleEndsBeforeLaunch: the last day of the sale is before its first one
// → correct one of the two days
func SaleEndsBeforeLaunch() Reason {
	return Reason{ReasonCode: "sale_ends_before_launch", RemedyCode: "correct_one_of_the_days"}
}

// CodeSandboxNotAllowed is the code of SandboxNotAllowed.
const CodeSandboxNotAllowed = "sandbox_not_allowed"

// SandboxNotAllowed: this server runs LibreOffice behind bubblewrap only, which this machine does not allow
// → ask the operator to allow unprivileged user namespaces; the original can be downloaded
func SandboxNotAllowed() Reason {
	return Reason{ReasonCode: "sandbox_not_allowed", RemedyCode: "ask_the_operator_to_allow_unprivileged"}
}

// CodeSavedSearchIncomplete is the code of SavedSearchIncomplete.
const CodeSavedSearchIncomplete = "saved_search_incomplete"

// SavedSearchIncomplete: a saved search has a name and a query
// → send both
func SavedSearchIncomplete() Reason {
	return Reason{ReasonCode: "saved_search_incomplete", RemedyCode: "send_both"}
}

// CodeSchemaMismatch is the code of SchemaMismatch.
const CodeSchemaMismatch = "schema_mismatch"

// SchemaMismatch: {message}
// → see /api/openapi.json for what it takes
func SchemaMismatch(message any) Reason {
	return Reason{ReasonCode: "schema_mismatch", Params: Params{"message": value(message)}, RemedyCode: "see_api_openapi_json_for_what"}
}

// CodeSchemaNewer is the code of SchemaNewer.
const CodeSchemaNewer = "schema_newer"

// SchemaNewer: the database has the tables of a newer version (schema {have}, this program works with {want})
// → use the version that upgraded it, or a newer one; to go back, restore the backup from before the upgrade
func SchemaNewer(have, want any) Reason {
	return Reason{ReasonCode: "schema_newer", Params: Params{"have": value(have), "want": value(want)}, RemedyCode: "use_the_version_that_upgraded"}
}

// CodeSchemaOlder is the code of SchemaOlder.
const CodeSchemaOlder = "schema_older"

// SchemaOlder: the database has the tables of an older version (schema {have}, this program works with {want})
// → use the running server's version, or upgrade: stop the server, make a backup, then start this version or run `vitrine migrate`
func SchemaOlder(have, want any) Reason {
	return Reason{ReasonCode: "schema_older", Params: Params{"have": value(have), "want": value(want)}, RemedyCode: "use_the_running_servers_version"}
}

// CodeScoreOutOfRange is the code of ScoreOutOfRange.
const CodeScoreOutOfRange = "score_out_of_range"

// ScoreOutOfRange: the score is out of range
// → use {least} to 1
func ScoreOutOfRange(least any) Reason {
	return Reason{ReasonCode: "score_out_of_range", Params: Params{"least": value(least)}, RemedyCode: "use_least_to_1"}
}

// CodeScreenNameLength is the code of ScreenNameLength.
const CodeScreenNameLength = "screen_name_length"

// ScreenNameLength: a screen has a name of 1–200 characters
// → say where it hangs
func ScreenNameLength() Reason {
	return Reason{ReasonCode: "screen_name_length", RemedyCode: "say_where_it_hangs"}
}

// CodeScreenNotPaired is the code of ScreenNotPaired.
const CodeScreenNotPaired = "screen_not_paired"

// ScreenNotPaired: this screen is not paired with the group
// → add the screen to the channel again, and open the address it gives
func ScreenNotPaired() Reason {
	return Reason{ReasonCode: "screen_not_paired", RemedyCode: "add_the_screen_to_the_channel"}
}

// CodeSearchChangedMeanwhile is the code of SearchChangedMeanwhile.
const CodeSearchChangedMeanwhile = "search_changed_meanwhile"

// SearchChangedMeanwhile: somebody changed the search meanwhile
// → read it again and repeat the edit
func SearchChangedMeanwhile() Reason {
	return Reason{ReasonCode: "search_changed_meanwhile", RemedyCode: "read_it_again_and_repeat"}
}

// CodeSearchIndexBehind is the code of SearchIndexBehind.
const CodeSearchIndexBehind = "search_index_behind"

// SearchIndexBehind: the search index is at {seq}, {wanted} was asked for
// → try again in a moment
func SearchIndexBehind(seq, wanted any) Reason {
	return Reason{ReasonCode: "search_index_behind", Params: Params{"seq": value(seq), "wanted": value(wanted)}, RemedyCode: "try_again_in_a_moment_2"}
}

// CodeSearchIndexBuilding is the code of SearchIndexBuilding.
const CodeSearchIndexBuilding = "search_index_building"

// SearchIndexBuilding: the search index is being built: {percent} %
// → try again in a moment
func SearchIndexBuilding(percent any) Reason {
	return Reason{ReasonCode: "search_index_building", Params: Params{"percent": value(percent)}, RemedyCode: "try_again_in_a_moment_2"}
}

// CodeSearchNameLength is the code of SearchNameLength.
const CodeSearchNameLength = "search_name_length"

// SearchNameLength: a name has 1–200 characters
// → give it a name
func SearchNameLength() Reason {
	return Reason{ReasonCode: "search_name_length", RemedyCode: "give_it_a_name"}
}

// CodeSearchNeedsLibrary is the code of SearchNeedsLibrary.
const CodeSearchNeedsLibrary = "search_needs_library"

// SearchNeedsLibrary: a search needs a library
// → name one
func SearchNeedsLibrary() Reason {
	return Reason{ReasonCode: "search_needs_library", RemedyCode: "name_one"}
}

// CodeSecretBoundToAddress is the code of SecretBoundToAddress.
const CodeSecretBoundToAddress = "secret_bound_to_address"

// SecretBoundToAddress: the channel gets another address, and what is stored for the present one is not sent there
// → enter it again, or null to forget it
func SecretBoundToAddress() Reason {
	return Reason{ReasonCode: "secret_bound_to_address", RemedyCode: "enter_it_again_or_null"}
}

// CodeSecretKeyFileMissing is the code of SecretKeyFileMissing.
const CodeSecretKeyFileMissing = "secret_key_file_missing"

// SecretKeyFileMissing: there is no key file {path}, and the catalogue was used with one (known: {known})
// → put the copy of secret.key into {data}, or its keys into VITRINE_SECRET_KEY; if it is lost for good, `vitrine secrets reset` shows what that means
func SecretKeyFileMissing(path, known, data any) Reason {
	return Reason{ReasonCode: "secret_key_file_missing", Params: Params{"path": value(path), "known": value(known), "data": value(data)}, RemedyCode: "put_the_copy_of_secret_key"}
}

// CodeSecretKeyOther is the code of SecretKeyOther.
const CodeSecretKeyOther = "secret_key_other"

// SecretKeyOther: the secret key is not one that this catalogue was used with (known: {known})
// → put the copy of secret.key into {data}, or its keys into VITRINE_SECRET_KEY; if it is lost for good, `vitrine secrets reset` shows what that means
func SecretKeyOther(known, data any) Reason {
	return Reason{ReasonCode: "secret_key_other", Params: Params{"known": value(known), "data": value(data)}, RemedyCode: "put_the_copy_of_secret_key"}
}

// CodeSecretNotText is the code of SecretNotText.
const CodeSecretNotText = "secret_not_text"

// SecretNotText: a secret is a text
// → send it as a string
func SecretNotText() Reason {
	return Reason{ReasonCode: "secret_not_text", RemedyCode: "send_it_as_a_string"}
}

// CodeSentAgainRather is the code of SentAgainRather.
const CodeSentAgainRather = "sent_again_rather"

// SentAgainRather: a service need not say which revision it has: after a lost answer the document is sent again, which changes nothing there
func SentAgainRather() Reason {
	return Reason{ReasonCode: "sent_again_rather"}
}

// CodeSeriesAssetDeleted is the code of SeriesAssetDeleted.
const CodeSeriesAssetDeleted = "series_asset_deleted"

// SeriesAssetDeleted: the asset has been deleted for good
func SeriesAssetDeleted() Reason {
	return Reason{ReasonCode: "series_asset_deleted"}
}

// CodeSeriesEndedByPerson is the code of SeriesEndedByPerson.
const CodeSeriesEndedByPerson = "series_ended_by_person"

// SeriesEndedByPerson: ended by a person
func SeriesEndedByPerson() Reason {
	return Reason{ReasonCode: "series_ended_by_person"}
}

// CodeSeriesPeriod is the code of SeriesPeriod.
const CodeSeriesPeriod = "series_period"

// SeriesPeriod: a series repeats every day, week or month
// → use day, week or month
func SeriesPeriod() Reason {
	return Reason{ReasonCode: "series_period", RemedyCode: "use_day_week_or_month"}
}

// CodeSeriesSkipped is the code of SeriesSkipped.
const CodeSeriesSkipped = "series_skipped"

// SeriesSkipped: skipped {at:time}: {why}
func SeriesSkipped(at, why any) Reason {
	return Reason{ReasonCode: "series_skipped", Params: Params{"at": value(at), "why": value(why)}}
}

// CodeSeriesWithoutOccurrence is the code of SeriesWithoutOccurrence.
const CodeSeriesWithoutOccurrence = "series_without_occurrence"

// SeriesWithoutOccurrence: the series has no occurrence in the next weeks
// → choose an earlier start or a later end
func SeriesWithoutOccurrence() Reason {
	return Reason{ReasonCode: "series_without_occurrence", RemedyCode: "choose_an_earlier_start"}
}

// CodeServerDiskErrors is the code of ServerDiskErrors.
const CodeServerDiskErrors = "server_disk_errors"

// ServerDiskErrors: a disk of the server reports errors
// → an administrator has to look at it, then send it again
func ServerDiskErrors() Reason {
	return Reason{ReasonCode: "server_disk_errors", RemedyCode: "an_administrator_has_to_look_at"}
}

// CodeServerDiskFull is the code of ServerDiskFull.
const CodeServerDiskFull = "server_disk_full"

// ServerDiskFull: a disk of the server is full
// → nothing was lost; an administrator has to make room, then send it again
func ServerDiskFull() Reason {
	return Reason{ReasonCode: "server_disk_full", RemedyCode: "nothing_was_lost"}
}

// CodeServerDiskReadOnly is the code of ServerDiskReadOnly.
const CodeServerDiskReadOnly = "server_disk_read_only"

// ServerDiskReadOnly: a disk of the server is read-only
// → an administrator has to make it writable, then send it again
func ServerDiskReadOnly() Reason {
	return Reason{ReasonCode: "server_disk_read_only", RemedyCode: "an_administrator_has_to_make"}
}

// CodeServerError is the code of ServerError.
const CodeServerError = "server_error"

// ServerError: something went wrong on the server
// → try again; if it persists, give the administrator the request id
func ServerError() Reason {
	return Reason{ReasonCode: "server_error", RemedyCode: "try_again_or_give_request_id"}
}

// CodeServerErrorInJob is the code of ServerErrorInJob.
const CodeServerErrorInJob = "server_error_in_job"

// ServerErrorInJob: something went wrong on the server
// → try again; if it persists, see the server's log
func ServerErrorInJob() Reason {
	return Reason{ReasonCode: "server_error_in_job", RemedyCode: "try_again_or_see_log"}
}

// CodeServerMakesNoVideo is the code of ServerMakesNoVideo.
const CodeServerMakesNoVideo = "server_makes_no_video"

// ServerMakesNoVideo: this server makes no video
// → ask the operator to install ffmpeg (vitrine doctor)
func ServerMakesNoVideo() Reason {
	return Reason{ReasonCode: "server_makes_no_video", RemedyCode: "ask_the_operator_to_install_ffmpeg"}
}

// CodeServerOutOfMemory is the code of ServerOutOfMemory.
const CodeServerOutOfMemory = "server_out_of_memory"

// ServerOutOfMemory: the server is out of memory
// → try again in a moment
func ServerOutOfMemory() Reason {
	return Reason{ReasonCode: "server_out_of_memory", RemedyCode: "try_again_in_a_moment_2"}
}

// CodeServerStopping is the code of ServerStopping.
const CodeServerStopping = "server_stopping"

// ServerStopping: the server is stopping
func ServerStopping() Reason {
	return Reason{ReasonCode: "server_stopping"}
}

// CodeServersUseDatabase is the code of ServersUseDatabase.
const CodeServersUseDatabase = "servers_use_database"

// ServersUseDatabase: servers work on this database: {alive}
// → stop them first
func ServersUseDatabase(alive any) Reason {
	return Reason{ReasonCode: "servers_use_database", Params: Params{"alive": value(alive)}, RemedyCode: "stop_them_first"}
}

// CodeServiceAnswersEverything is the code of ServiceAnswersEverything.
const CodeServiceAnswersEverything = "service_answers_everything"

// ServiceAnswersEverything: the service answers {status} to HEAD for a name that it was never sent, so that nothing can be told from its answer
func ServiceAnswersEverything(status any) Reason {
	return Reason{ReasonCode: "service_answers_everything", Params: Params{"status": value(status)}}
}

// CodeServiceRefusesSecret is the code of ServiceRefusesSecret.
const CodeServiceRefusesSecret = "service_refuses_secret"

// ServiceRefusesSecret: the service refuses the secret
// → connect the channel again with valid credentials
func ServiceRefusesSecret() Reason {
	return Reason{ReasonCode: "service_refuses_secret", RemedyCode: "connect_again"}
}

// CodeSessionEnded is the code of SessionEnded.
const CodeSessionEnded = "session_ended"

// SessionEnded: the session has ended
// → sign in again
func SessionEnded() Reason {
	return Reason{ReasonCode: "session_ended", RemedyCode: "sign_in_again"}
}

// CodeSettingEmpty is the code of SettingEmpty.
const CodeSettingEmpty = "setting_empty"

// SettingEmpty: this setting is empty
// → fill it in
func SettingEmpty() Reason {
	return Reason{ReasonCode: "setting_empty", RemedyCode: "fill_f"}
}

// CodeSettingInvalid is the code of SettingInvalid.
const CodeSettingInvalid = "setting_invalid"

// SettingInvalid: {err}
// → it was set by {from}: {help}
func SettingInvalid(err, from, help any) Reason {
	return Reason{ReasonCode: "setting_invalid", Params: Params{"err": value(err), "from": value(from), "help": value(help)}, RemedyCode: "it_was_set_by_from"}
}

// CodeSettingNeeded is the code of SettingNeeded.
const CodeSettingNeeded = "setting_needed"

// SettingNeeded: this setting is needed
// → fill it in
func SettingNeeded() Reason {
	return Reason{ReasonCode: "setting_needed", RemedyCode: "fill_f"}
}

// CodeSettingNotOfFormat is the code of SettingNotOfFormat.
const CodeSettingNotOfFormat = "setting_not_of_format"

// SettingNotOfFormat: this is not of the format {format}
// → write it in that format
func SettingNotOfFormat(format any) Reason {
	return Reason{ReasonCode: "setting_not_of_format", Params: Params{"format": value(format)}, RemedyCode: "write_it_in_that_format"}
}

// CodeSettingOfOtherForm is the code of SettingOfOtherForm.
const CodeSettingOfOtherForm = "setting_of_other_form"

// SettingOfOtherForm: this is not of the form that is wanted
// → it has to match {form}
func SettingOfOtherForm(form any) Reason {
	return Reason{ReasonCode: "setting_of_other_form", Params: Params{"form": value(form)}, RemedyCode: "it_has_to_match_form"}
}

// CodeSettingOfWrongType is the code of SettingOfWrongType.
const CodeSettingOfWrongType = "setting_of_wrong_type"

// SettingOfWrongType: this setting is of type {type:json_type}
// → see the schema in /api/channels/kinds
func SettingOfWrongType(typeOf any) Reason {
	return Reason{ReasonCode: "setting_of_wrong_type", Params: Params{"type": value(typeOf)}, RemedyCode: "see_the_schema_in_api_channels"}
}

// CodeSettingTakesOneValue is the code of SettingTakesOneValue.
const CodeSettingTakesOneValue = "setting_takes_one_value"

// SettingTakesOneValue: {key} takes one value
// → write it on the same line
func SettingTakesOneValue(key any) Reason {
	return Reason{ReasonCode: "setting_takes_one_value", Params: Params{"key": value(key)}, RemedyCode: "write_it_on_the_same_line"}
}

// CodeSettingTooLong is the code of SettingTooLong.
const CodeSettingTooLong = "setting_too_long"

// SettingTooLong: {n} of at most {max} characters
// → shorten it
func SettingTooLong(n, max any) Reason {
	return Reason{ReasonCode: "setting_too_long", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten_f"}
}

// CodeSettingTooShort is the code of SettingTooShort.
const CodeSettingTooShort = "setting_too_short"

// SettingTooShort: {n} of at least {min} characters
// → enter more of it
func SettingTooShort(n, min any) Reason {
	return Reason{ReasonCode: "setting_too_short", Params: Params{"n": value(n), "min": value(min)}, RemedyCode: "enter_more"}
}

// CodeSettingTwice is the code of SettingTwice.
const CodeSettingTwice = "setting_twice"

// SettingTwice: {key} is set twice
// → remove one of the two lines
func SettingTwice(key any) Reason {
	return Reason{ReasonCode: "setting_twice", Params: Params{"key": value(key)}, RemedyCode: "remove_one_of_the_two_lines"}
}

// CodeSettingUnfit is the code of SettingUnfit.
const CodeSettingUnfit = "setting_unfit"

// SettingUnfit: this does not fit its schema ({keyword})
// → see the schema in /api/channels/kinds
func SettingUnfit(keyword any) Reason {
	return Reason{ReasonCode: "setting_unfit", Params: Params{"keyword": value(keyword)}, RemedyCode: "see_the_schema_in_api_channels"}
}

// CodeSettingValueInvalid is the code of SettingValueInvalid.
const CodeSettingValueInvalid = "setting_value_invalid"

// SettingValueInvalid: {err}
// → it was set by {from} {value:q}: {help}
func SettingValueInvalid(err, from, valueOf, help any) Reason {
	return Reason{ReasonCode: "setting_value_invalid", Params: Params{"err": value(err), "from": value(from), "value": value(valueOf), "help": value(help)}, RemedyCode: "it_was_set_by_from_value"}
}

// CodeSettingsNotJson is the code of SettingsNotJson.
const CodeSettingsNotJson = "settings_not_json"

// SettingsNotJson: this is not JSON
// → see GET /api/channels/kinds for the kind's settings
func SettingsNotJson() Reason {
	return Reason{ReasonCode: "settings_not_json", RemedyCode: "see_get_api_channels_kinds"}
}

// CodeSettingsNotObject is the code of SettingsNotObject.
const CodeSettingsNotObject = "settings_not_object"

// SettingsNotObject: the settings are an object
// → see the schema of {name} in /api/channels/kinds
func SettingsNotObject(name any) Reason {
	return Reason{ReasonCode: "settings_not_object", Params: Params{"name": value(name)}, RemedyCode: "see_the_schema_of_name"}
}

// CodeSettingsUnreadable is the code of SettingsUnreadable.
const CodeSettingsUnreadable = "settings_unreadable"

// SettingsUnreadable: the settings can't be read
// → enter them again
func SettingsUnreadable() Reason {
	return Reason{ReasonCode: "settings_unreadable", RemedyCode: "enter_them_again"}
}

// CodeSeveral is the code of Several.
const CodeSeveral = "several"

// Several: {list:list}
func Several(list any) Reason {
	return Reason{ReasonCode: "several", Params: Params{"list": value(list)}}
}

// CodeSeveralFiles is the code of SeveralFiles.
const CodeSeveralFiles = "several_files"

// SeveralFiles: there is more than one file
// → send one file with each request
func SeveralFiles() Reason {
	return Reason{ReasonCode: "several_files", RemedyCode: "send_one_file_with_each_request"}
}

// CodeSeveralPagesManaged is the code of SeveralPagesManaged.
const CodeSeveralPagesManaged = "several_pages_managed"

// SeveralPagesManaged: this person manages {names}
// → enter the id of one of them in the settings, then connect again
func SeveralPagesManaged(names any) Reason {
	return Reason{ReasonCode: "several_pages_managed", Params: Params{"names": value(names)}, RemedyCode: "enter_an_id_and_connect"}
}

// CodeSftpFolderForm is the code of SftpFolderForm.
const CodeSftpFolderForm = "sftp_folder_form"

// SftpFolderForm: the folder is a path below the user's own
// → write it as media/ or leave it empty
func SftpFolderForm() Reason {
	return Reason{ReasonCode: "sftp_folder_form", RemedyCode: "write_it_as_media_or_leave"}
}

// CodeSftpRefusesLogin is the code of SftpRefusesLogin.
const CodeSftpRefusesLogin = "sftp_refuses_login"

// SftpRefusesLogin: the server refuses the user, the password or the key
// → connect the channel again with valid credentials
func SftpRefusesLogin() Reason {
	return Reason{ReasonCode: "sftp_refuses_login", RemedyCode: "connect_again"}
}

// CodeSharedSearchNotYours is the code of SharedSearchNotYours.
const CodeSharedSearchNotYours = "shared_search_not_yours"

// SharedSearchNotYours: only its owner and editors change a shared search
// → save one of your own
func SharedSearchNotYours() Reason {
	return Reason{ReasonCode: "shared_search_not_yours", RemedyCode: "save_one_of_your_own"}
}

// CodeSharingNeedsEditor is the code of SharingNeedsEditor.
const CodeSharingNeedsEditor = "sharing_needs_editor"

// SharingNeedsEditor: only editors share searches with the library
// → keep it for yourself, or ask an editor
func SharingNeedsEditor() Reason {
	return Reason{ReasonCode: "sharing_needs_editor", RemedyCode: "keep_it_for_yourself_or_ask"}
}

// CodeSharpenRange is the code of SharpenRange.
const CodeSharpenRange = "sharpen_range"

// SharpenRange: sharpening is 0–1
// → 0.3 is moderate
func SharpenRange() Reason {
	return Reason{ReasonCode: "sharpen_range", RemedyCode: "strength_is_a_fraction"}
}

// CodeSheetAmbiguous is the code of SheetAmbiguous.
const CodeSheetAmbiguous = "sheet_ambiguous"

// SheetAmbiguous: {count} assets have “{value}”
// → find the rows by the assets’ ids
func SheetAmbiguous(count, valueOf any) Reason {
	return Reason{ReasonCode: "sheet_ambiguous", Params: Params{"count": value(count), "value": value(valueOf)}, RemedyCode: "use_the_ids"}
}

// CodeSheetColumn is the code of SheetColumn.
const CodeSheetColumn = "sheet_column"

// SheetColumn: “{column}” is no column of assets, or there twice
// → use the columns of an export: see docs/api.md
func SheetColumn(column any) Reason {
	return Reason{ReasonCode: "sheet_column", Params: Params{"column": value(column)}, RemedyCode: "use_export_columns"}
}

// CodeSheetKeyMissing is the code of SheetKeyMissing.
const CodeSheetKeyMissing = "sheet_key_missing"

// SheetKeyMissing: the row has nothing in the column {key}
// → fill it in, or remove the row
func SheetKeyMissing(key any) Reason {
	return Reason{ReasonCode: "sheet_key_missing", Params: Params{"key": value(key)}, RemedyCode: "fill_in_the_cell"}
}

// CodeSheetNoAsset is the code of SheetNoAsset.
const CodeSheetNoAsset = "sheet_no_asset"

// SheetNoAsset: no asset has “{value}”
// → check the cell, and that you may see the asset
func SheetNoAsset(valueOf any) Reason {
	return Reason{ReasonCode: "sheet_no_asset", Params: Params{"value": value(valueOf)}, RemedyCode: "check_the_cell"}
}

// CodeSheetTooLong is the code of SheetTooLong.
const CodeSheetTooLong = "sheet_too_long"

// SheetTooLong: a table has at most {max} rows
// → split it
func SheetTooLong(max any) Reason {
	return Reason{ReasonCode: "sheet_too_long", Params: Params{"max": value(max)}, RemedyCode: "split_the_table"}
}

// CodeSheetTooSmall is the code of SheetTooSmall.
const CodeSheetTooSmall = "sheet_too_small"

// SheetTooSmall: a sheet holds 1,048,575 assets, and this are more
// → use csv, or narrow the search
func SheetTooSmall() Reason {
	return Reason{ReasonCode: "sheet_too_small", RemedyCode: "use_csv_or_narrow_the_search"}
}

// CodeSheetTwice is the code of SheetTwice.
const CodeSheetTwice = "sheet_twice"

// SheetTwice: row {row} is about the same asset
// → keep one row for each asset
func SheetTwice(row any) Reason {
	return Reason{ReasonCode: "sheet_twice", Params: Params{"row": value(row)}, RemedyCode: "keep_one_row"}
}

// CodeSheetUnreadable is the code of SheetUnreadable.
const CodeSheetUnreadable = "sheet_unreadable"

// SheetUnreadable: it is not a table with a heading, in UTF-8
// → use the columns of an export: see docs/api.md
func SheetUnreadable() Reason {
	return Reason{ReasonCode: "sheet_unreadable", RemedyCode: "use_export_columns"}
}

// CodeShopifyCallNotUnderstood is the code of ShopifyCallNotUnderstood.
const CodeShopifyCallNotUnderstood = "shopify_call_not_understood"

// ShopifyCallNotUnderstood: Shopify does not understand the call: {said}
// → report this, with the version of Vitrine
func ShopifyCallNotUnderstood(said any) Reason {
	return Reason{ReasonCode: "shopify_call_not_understood", Params: Params{"said": value(said)}, RemedyCode: "report_this_with_the_version"}
}

// CodeShopifyCredentialsNeeded is the code of ShopifyCredentialsNeeded.
const CodeShopifyCredentialsNeeded = "shopify_credentials_needed"

// ShopifyCredentialsNeeded: there are no credentials
// → enter the app's client id and secret, or the access token of an older app
func ShopifyCredentialsNeeded() Reason {
	return Reason{ReasonCode: "shopify_credentials_needed", RemedyCode: "enter_the_apps_client_id"}
}

// CodeShopifyMediaFull is the code of ShopifyMediaFull.
const CodeShopifyMediaFull = "shopify_media_full"

// ShopifyMediaFull: a product has as many pictures as Shopify allows: {said}
// → delete some in the shop, then retry
func ShopifyMediaFull(said any) Reason {
	return Reason{ReasonCode: "shopify_media_full", Params: Params{"said": value(said)}, RemedyCode: "delete_some_in_shop_and_retry"}
}

// CodeShopifyNoShop is the code of ShopifyNoShop.
const CodeShopifyNoShop = "shopify_no_shop"

// ShopifyNoShop: there is no shop at this address
// → connect the channel again with valid credentials
func ShopifyNoShop() Reason {
	return Reason{ReasonCode: "shopify_no_shop", RemedyCode: "connect_again"}
}

// CodeShopifyPictureUnusable is the code of ShopifyPictureUnusable.
const CodeShopifyPictureUnusable = "shopify_picture_unusable"

// ShopifyPictureUnusable: Shopify can't use the picture: {why}
// → choose another preset, then retry
func ShopifyPictureUnusable(why any) Reason {
	return Reason{ReasonCode: "shopify_picture_unusable", Params: Params{"why": value(why)}, RemedyCode: "choose_another_preset_and_retry"}
}

// CodeShopifyProductSuspended is the code of ShopifyProductSuspended.
const CodeShopifyProductSuspended = "shopify_product_suspended"

// ShopifyProductSuspended: a product is suspended by Shopify: {said}
// → settle that in the shop, then retry
func ShopifyProductSuspended(said any) Reason {
	return Reason{ReasonCode: "shopify_product_suspended", Params: Params{"said": value(said)}, RemedyCode: "settle_in_shop_and_retry"}
}

// CodeShopifyRefuses is the code of ShopifyRefuses.
const CodeShopifyRefuses = "shopify_refuses"

// ShopifyRefuses: Shopify refuses this: {said}
// → change it, or choose another preset, then retry
func ShopifyRefuses(said any) Reason {
	return Reason{ReasonCode: "shopify_refuses", Params: Params{"said": value(said)}, RemedyCode: "change_it_or_choose_another_preset"}
}

// CodeShopifyRefusesAlt is the code of ShopifyRefusesAlt.
const CodeShopifyRefusesAlt = "shopify_refuses_alt"

// ShopifyRefusesAlt: Shopify refuses the alternative text: {said}
// → shorten it on the asset
func ShopifyRefusesAlt(said any) Reason {
	return Reason{ReasonCode: "shopify_refuses_alt", Params: Params{"said": value(said)}, RemedyCode: "shorten_it_on_the_asset"}
}

// CodeShopifyScopeMissing is the code of ShopifyScopeMissing.
const CodeShopifyScopeMissing = "shopify_scope_missing"

// ShopifyScopeMissing: the app lacks the scope {scope}
// → connect the channel again with valid credentials
func ShopifyScopeMissing(scope any) Reason {
	return Reason{ReasonCode: "shopify_scope_missing", Params: Params{"scope": value(scope)}, RemedyCode: "connect_again"}
}

// CodeShopifyShopFrozen is the code of ShopifyShopFrozen.
const CodeShopifyShopFrozen = "shopify_shop_frozen"

// ShopifyShopFrozen: the shop is frozen or locked
// → connect the channel again with valid credentials
func ShopifyShopFrozen() Reason {
	return Reason{ReasonCode: "shopify_shop_frozen", RemedyCode: "connect_again"}
}

// CodeShopifyShopInactive is the code of ShopifyShopInactive.
const CodeShopifyShopInactive = "shopify_shop_inactive"

// ShopifyShopInactive: the shop is not active
// → connect the channel again with valid credentials
func ShopifyShopInactive() Reason {
	return Reason{ReasonCode: "shopify_shop_inactive", RemedyCode: "connect_again"}
}

// CodeShopifyTokenMayNot is the code of ShopifyTokenMayNot.
const CodeShopifyTokenMayNot = "shopify_token_may_not"

// ShopifyTokenMayNot: the access token may not do this: {said}
// → connect the channel again with valid credentials
func ShopifyTokenMayNot(said any) Reason {
	return Reason{ReasonCode: "shopify_token_may_not", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodeShopifyTokenUnknown is the code of ShopifyTokenUnknown.
const CodeShopifyTokenUnknown = "shopify_token_unknown"

// ShopifyTokenUnknown: Shopify does not know the access token
// → connect the channel again with valid credentials
func ShopifyTokenUnknown() Reason {
	return Reason{ReasonCode: "shopify_token_unknown", RemedyCode: "connect_again"}
}

// CodeShopifyWithoutProduct is the code of ShopifyWithoutProduct.
const CodeShopifyWithoutProduct = "shopify_without_product"

// ShopifyWithoutProduct: the shop has no product with the SKU {skus}
// → make the product there, or mend the SKU; of one that was just made the shop's search knows after a moment
func ShopifyWithoutProduct(skus any) Reason {
	return Reason{ReasonCode: "shopify_without_product", Params: Params{"skus": value(skus)}, RemedyCode: "make_the_product_there_or_mend"}
}

// CodeShownAsPrinted is the code of ShownAsPrinted.
const CodeShownAsPrinted = "shown_as_printed"

// ShownAsPrinted: shown as LibreOffice prints it; fonts may differ
func ShownAsPrinted() Reason {
	return Reason{ReasonCode: "shown_as_printed"}
}

// CodeShownAt is the code of ShownAt.
const CodeShownAt = "shown_at"

// ShownAt: {url}
func ShownAt(url any) Reason {
	return Reason{ReasonCode: "shown_at", Params: Params{"url": value(url)}}
}

// CodeShownChannelAsAlpha is the code of ShownChannelAsAlpha.
const CodeShownChannelAsAlpha = "shown_channel_as_alpha"

// ShownChannelAsAlpha: earlier versions took its spare channel for transparency
func ShownChannelAsAlpha() Reason {
	return Reason{ReasonCode: "shown_channel_as_alpha"}
}

// CodeShownFromRawPreview is the code of ShownFromRawPreview.
const CodeShownFromRawPreview = "shown_from_raw_preview"

// ShownFromRawPreview: shown from the preview inside the raw file
func ShownFromRawPreview() Reason {
	return Reason{ReasonCode: "shown_from_raw_preview"}
}

// CodeShownOnBlack is the code of ShownOnBlack.
const CodeShownOnBlack = "shown_on_black"

// ShownOnBlack: earlier versions showed its clear edges black
func ShownOnBlack() Reason {
	return Reason{ReasonCode: "shown_on_black"}
}

// CodeShownOtherFrame is the code of ShownOtherFrame.
const CodeShownOtherFrame = "shown_other_frame"

// ShownOtherFrame: earlier versions showed its last frame instead of its first
func ShownOtherFrame() Reason {
	return Reason{ReasonCode: "shown_other_frame"}
}

// CodeShownOtherPage is the code of ShownOtherPage.
const CodeShownOtherPage = "shown_other_page"

// ShownOtherPage: earlier versions did not show its main page
func ShownOtherPage() Reason {
	return Reason{ReasonCode: "shown_other_page"}
}

// CodeShownWeightedAlpha is the code of ShownWeightedAlpha.
const CodeShownWeightedAlpha = "shown_weighted_alpha"

// ShownWeightedAlpha: earlier versions left the edges of its transparency dark or bright
func ShownWeightedAlpha() Reason {
	return Reason{ReasonCode: "shown_weighted_alpha"}
}

// CodeShownWithoutCropBox is the code of ShownWithoutCropBox.
const CodeShownWithoutCropBox = "shown_without_crop_box"

// ShownWithoutCropBox: earlier versions did not cut its pages to the crop box
func ShownWithoutCropBox() Reason {
	return Reason{ReasonCode: "shown_without_crop_box"}
}

// CodeShownWithoutHdr is the code of ShownWithoutHdr.
const CodeShownWithoutHdr = "shown_without_hdr"

// ShownWithoutHdr: it has a high dynamic range, which earlier versions showed too dark and pale
func ShownWithoutHdr() Reason {
	return Reason{ReasonCode: "shown_without_hdr"}
}

// CodeShownWithoutLab is the code of ShownWithoutLab.
const CodeShownWithoutLab = "shown_without_lab"

// ShownWithoutLab: its colours are L*a*b*, which earlier versions showed wrongly
func ShownWithoutLab() Reason {
	return Reason{ReasonCode: "shown_without_lab"}
}

// CodeShownWithoutPhotoshop is the code of ShownWithoutPhotoshop.
const CodeShownWithoutPhotoshop = "shown_without_photoshop"

// ShownWithoutPhotoshop: earlier versions passed over its profile, inks, depth or transparency
func ShownWithoutPhotoshop() Reason {
	return Reason{ReasonCode: "shown_without_photoshop"}
}

// CodeShownWrongDepth is the code of ShownWrongDepth.
const CodeShownWrongDepth = "shown_wrong_depth"

// ShownWrongDepth: its depth or kind of numbers is one that earlier versions showed wrongly
func ShownWrongDepth() Reason {
	return Reason{ReasonCode: "shown_wrong_depth"}
}

// CodeSidecarDamaged is the code of SidecarDamaged.
const CodeSidecarDamaged = "sidecar_damaged"

// SidecarDamaged: the sidecar is not well-formed XMP
// → have the program that wrote it save the metadata again, and send the sidecar anew; the picture is kept
func SidecarDamaged() Reason {
	return Reason{ReasonCode: "sidecar_damaged", RemedyCode: "write_the_sidecar_again"}
}

// CodeSidecarNotXmp is the code of SidecarNotXmp.
const CodeSidecarNotXmp = "sidecar_not_xmp"

// SidecarNotXmp: the sidecar holds no XMP
// → have the program that wrote it save the metadata again, and send the sidecar anew; the picture is kept
func SidecarNotXmp() Reason {
	return Reason{ReasonCode: "sidecar_not_xmp", RemedyCode: "write_the_sidecar_again"}
}

// CodeSidecarOfSeveral is the code of SidecarOfSeveral.
const CodeSidecarOfSeveral = "sidecar_of_several"

// SidecarOfSeveral: {name} is a sidecar, and could belong to several files that you have uploaded in the last 24 hours
// → upload it with its picture or after it, or name the asset that it belongs to
func SidecarOfSeveral(name any) Reason {
	return Reason{ReasonCode: "sidecar_of_several", Params: Params{"name": value(name)}, RemedyCode: "send_the_picture_first_or_name"}
}

// CodeSidecarTooLarge is the code of SidecarTooLarge.
const CodeSidecarTooLarge = "sidecar_too_large"

// SidecarTooLarge: the sidecar is larger than {most} MiB
// → have the program that wrote it save the metadata again, and send the sidecar anew; the picture is kept
func SidecarTooLarge(most any) Reason {
	return Reason{ReasonCode: "sidecar_too_large", Params: Params{"most": value(most)}, RemedyCode: "write_the_sidecar_again"}
}

// CodeSidecarWithDoctype is the code of SidecarWithDoctype.
const CodeSidecarWithDoctype = "sidecar_with_doctype"

// SidecarWithDoctype: the sidecar declares a document type or entities, which XMP does not have
// → have the program that wrote it save the metadata again, and send the sidecar anew; the picture is kept
func SidecarWithDoctype() Reason {
	return Reason{ReasonCode: "sidecar_with_doctype", RemedyCode: "write_the_sidecar_again"}
}

// CodeSidecarWithoutPicture is the code of SidecarWithoutPicture.
const CodeSidecarWithoutPicture = "sidecar_without_picture"

// SidecarWithoutPicture: {name} is a sidecar, and you have uploaded no file in the last 24 hours that it can belong to
// → upload it with its picture or after it, or name the asset that it belongs to
func SidecarWithoutPicture(name any) Reason {
	return Reason{ReasonCode: "sidecar_without_picture", Params: Params{"name": value(name)}, RemedyCode: "send_the_picture_first_or_name"}
}

// CodeSignatureInvalid is the code of SignatureInvalid.
const CodeSignatureInvalid = "signature_invalid"

// SignatureInvalid: the signature is not valid
// → sign the URL with vitrine sign, or use a named preset
func SignatureInvalid() Reason {
	return Reason{ReasonCode: "signature_invalid", RemedyCode: "sign_the_url_with_vitrine_sign"}
}

// CodeSigningKeyTooShort is the code of SigningKeyTooShort.
const CodeSigningKeyTooShort = "signing_key_too_short"

// SigningKeyTooShort: a signing key is shorter than 16 bytes
// → use 32 random bytes
func SigningKeyTooShort() Reason {
	return Reason{ReasonCode: "signing_key_too_short", RemedyCode: "use_32_random_bytes"}
}

// CodeSiteWithoutCategory is the code of SiteWithoutCategory.
const CodeSiteWithoutCategory = "site_without_category"

// SiteWithoutCategory: the site has no category {name}, and the user may not make one
// → make it at the site, or give the user the role editor
func SiteWithoutCategory(name any) Reason {
	return Reason{ReasonCode: "site_without_category", Params: Params{"name": value(name)}, RemedyCode: "make_the_term_or_raise_the_role"}
}

// CodeSiteWithoutTag is the code of SiteWithoutTag.
const CodeSiteWithoutTag = "site_without_tag"

// SiteWithoutTag: the site has no tag {name}, and the user may not make one
// → make it at the site, or give the user the role editor
func SiteWithoutTag(name any) Reason {
	return Reason{ReasonCode: "site_without_tag", Params: Params{"name": value(name)}, RemedyCode: "make_the_term_or_raise_the_role"}
}

// CodeSkuBadCharacter is the code of SkuBadCharacter.
const CodeSkuBadCharacter = "sku_bad_character"

// SkuBadCharacter: {sku:q} holds a character that no URL path or file name can have
// → a SKU has 1–64 characters, none of / \ ? # % " < > | * or a control character
func SkuBadCharacter(sku any) Reason {
	return Reason{ReasonCode: "sku_bad_character", Params: Params{"sku": value(sku)}, RemedyCode: "a_sku_has_1_64_characters"}
}

// CodeSkuEmptyOrSpaced is the code of SkuEmptyOrSpaced.
const CodeSkuEmptyOrSpaced = "sku_empty_or_spaced"

// SkuEmptyOrSpaced: it is empty, or begins or ends with a space
// → a SKU has 1–64 characters, none of / \ ? # % " < > | * or a control character
func SkuEmptyOrSpaced() Reason {
	return Reason{ReasonCode: "sku_empty_or_spaced", RemedyCode: "a_sku_has_1_64_characters"}
}

// CodeSkuFixed is the code of SkuFixed.
const CodeSkuFixed = "sku_fixed"

// SkuFixed: a product's SKU can't be changed
// → add a product with the new SKU, and delete this one
func SkuFixed() Reason {
	return Reason{ReasonCode: "sku_fixed", RemedyCode: "add_a_product_with_the_new"}
}

// CodeSkuOrUrlNeeded is the code of SkuOrUrlNeeded.
const CodeSkuOrUrlNeeded = "sku_or_url_needed"

// SkuOrUrlNeeded: either a SKU or a URL is needed
// → send sku=CHR-1, or url=https://…/p/CHR-1/hero/large
func SkuOrUrlNeeded() Reason {
	return Reason{ReasonCode: "sku_or_url_needed", RemedyCode: "send_sku_chr_1_or_url"}
}

// CodeSkuReserved is the code of SkuReserved.
const CodeSkuReserved = "sku_reserved"

// SkuReserved: {sku:q} has a meaning of its own in URLs
// → a SKU does not begin with ~, does not end in .json and is none of import, imports, rules, stock and price
func SkuReserved(sku any) Reason {
	return Reason{ReasonCode: "sku_reserved", Params: Params{"sku": value(sku)}, RemedyCode: "a_sku_does_not_begin"}
}

// CodeSkuTooLong is the code of SkuTooLong.
const CodeSkuTooLong = "sku_too_long"

// SkuTooLong: it is longer than 64 characters or not UTF-8
// → a SKU has 1–64 characters, none of / \ ? # % " < > | * or a control character
func SkuTooLong() Reason {
	return Reason{ReasonCode: "sku_too_long", RemedyCode: "a_sku_has_1_64_characters"}
}

// CodeSlotPositionRange is the code of SlotPositionRange.
const CodeSlotPositionRange = "slot_position_range"

// SlotPositionRange: a position is 1–999
// → 1 is the first picture of the slot
func SlotPositionRange() Reason {
	return Reason{ReasonCode: "slot_position_range", RemedyCode: "positions_count_from_one"}
}

// CodeSmartCollectionNeedsQuery is the code of SmartCollectionNeedsQuery.
const CodeSmartCollectionNeedsQuery = "smart_collection_needs_query"

// SmartCollectionNeedsQuery: a smart collection's query has at least one word or condition
// → write what it is to find
func SmartCollectionNeedsQuery() Reason {
	return Reason{ReasonCode: "smart_collection_needs_query", RemedyCode: "write_what_it_is_to_find"}
}

// CodeSmartCollectionUnreadable is the code of SmartCollectionUnreadable.
const CodeSmartCollectionUnreadable = "smart_collection_unreadable"

// SmartCollectionUnreadable: the query of the smart collection {name:q} can't be read
// → change the collection's query
func SmartCollectionUnreadable(name any) Reason {
	return Reason{ReasonCode: "smart_collection_unreadable", Params: Params{"name": value(name)}, RemedyCode: "change_the_collections_query"}
}

// CodeSmartCollectionWithoutOrder is the code of SmartCollectionWithoutOrder.
const CodeSmartCollectionWithoutOrder = "smart_collection_without_order"

// SmartCollectionWithoutOrder: a smart collection is not ordered by hand
// → sort it by a field, or make it a plain one
func SmartCollectionWithoutOrder() Reason {
	return Reason{ReasonCode: "smart_collection_without_order", RemedyCode: "sort_it_or_make_it_plain"}
}

// CodeSmartCollectionWithoutSimilar is the code of SmartCollectionWithoutSimilar.
const CodeSmartCollectionWithoutSimilar = "smart_collection_without_similar"

// SmartCollectionWithoutSimilar: similar: depends on who looks, so a smart collection can't use it
// → leave it out; a plain collection can hold what it finds
func SmartCollectionWithoutSimilar() Reason {
	return Reason{ReasonCode: "smart_collection_without_similar", RemedyCode: "leave_out_similar"}
}

// CodeStatusDoesNotAllow is the code of StatusDoesNotAllow.
const CodeStatusDoesNotAllow = "status_does_not_allow"

// StatusDoesNotAllow: a version that is {status:status} cannot take {action:review_action}
// → reload the asset; somebody may have decided already
func StatusDoesNotAllow(status, action any) Reason {
	return Reason{ReasonCode: "status_does_not_allow", Params: Params{"status": value(status), "action": value(action)}, RemedyCode: "reload_the_asset"}
}

// CodeStepNegative is the code of StepNegative.
const CodeStepNegative = "step_negative"

// StepNegative: a step or count is not negative
// → leave it out for 1
func StepNegative() Reason {
	return Reason{ReasonCode: "step_negative", RemedyCode: "leave_it_out_for_1"}
}

// CodeStorageDoesNotAnswer is the code of StorageDoesNotAnswer.
const CodeStorageDoesNotAnswer = "storage_does_not_answer"

// StorageDoesNotAnswer: the storage does not answer
// → try again in a moment
func StorageDoesNotAnswer() Reason {
	return Reason{ReasonCode: "storage_does_not_answer", RemedyCode: "try_again_in_a_moment_2"}
}

// CodeStorageRefusedFile is the code of StorageRefusedFile.
const CodeStorageRefusedFile = "storage_refused_file"

// StorageRefusedFile: the storage did not take the file
// → try again in a moment; nothing was lost
func StorageRefusedFile() Reason {
	return Reason{ReasonCode: "storage_refused_file", RemedyCode: "try_again_in_a_moment_nothing"}
}

// CodeStorageRefusedImport is the code of StorageRefusedImport.
const CodeStorageRefusedImport = "storage_refused_import"

// StorageRefusedImport: the storage did not take the file
// → try again in a moment; nothing was changed
func StorageRefusedImport() Reason {
	return Reason{ReasonCode: "storage_refused_import", RemedyCode: "try_again_in_a_moment_nothing_was"}
}

// CodeStoreFull is the code of StoreFull.
const CodeStoreFull = "store_full"

// StoreFull: {place}
// → nothing was lost; an administrator has to make room, then send it again
func StoreFull(place any) Reason {
	return Reason{ReasonCode: "store_full", Params: Params{"place": value(place)}, RemedyCode: "nothing_was_lost"}
}

// CodeStoredFileBeingRemade is the code of StoredFileBeingRemade.
const CodeStoredFileBeingRemade = "stored_file_being_remade"

// StoredFileBeingRemade: the file in the storage is lost or damaged; it is made again
// → ask again in a few seconds
func StoredFileBeingRemade() Reason {
	return Reason{ReasonCode: "stored_file_being_remade", RemedyCode: "ask_again_in_a_few_seconds"}
}

// CodeSynonymTooLong is the code of SynonymTooLong.
const CodeSynonymTooLong = "synonym_too_long"

// SynonymTooLong: “{term}” has more than {max} words
// → shorten it, or put commas between its words
func SynonymTooLong(term, max any) Reason {
	return Reason{ReasonCode: "synonym_too_long", Params: Params{"term": value(term), "max": value(max)}, RemedyCode: "shorten_it_or_put_commas_between"}
}

// CodeSynonymWordMissing is the code of SynonymWordMissing.
const CodeSynonymWordMissing = "synonym_word_missing"

// SynonymWordMissing: a word is missing before or after a comma or arrow
// → add it, or remove the sign
func SynonymWordMissing() Reason {
	return Reason{ReasonCode: "synonym_word_missing", RemedyCode: "add_it_or_remove_the_sign"}
}

// CodeSynonymsChangedMeanwhile is the code of SynonymsChangedMeanwhile.
const CodeSynonymsChangedMeanwhile = "synonyms_changed_meanwhile"

// SynonymsChangedMeanwhile: somebody changed the synonyms meanwhile
// → read them again and repeat the edit
func SynonymsChangedMeanwhile() Reason {
	return Reason{ReasonCode: "synonyms_changed_meanwhile", RemedyCode: "read_them_again_and_repeat"}
}

// CodeSynonymsLineTooLong is the code of SynonymsLineTooLong.
const CodeSynonymsLineTooLong = "synonyms_line_too_long"

// SynonymsLineTooLong: it is not text of at most {max} characters
// → make two lines of it
func SynonymsLineTooLong(max any) Reason {
	return Reason{ReasonCode: "synonyms_line_too_long", Params: Params{"max": value(max)}, RemedyCode: "make_two_lines"}
}

// CodeSynonymsNeedTwoWords is the code of SynonymsNeedTwoWords.
const CodeSynonymsNeedTwoWords = "synonyms_need_two_words"

// SynonymsNeedTwoWords: there are not two different words
// → name at least two, such as sofa, couch; accents and capitals never matter
func SynonymsNeedTwoWords() Reason {
	return Reason{ReasonCode: "synonyms_need_two_words", RemedyCode: "name_at_least_two"}
}

// CodeSynonymsQuerySigns is the code of SynonymsQuerySigns.
const CodeSynonymsQuerySigns = "synonyms_query_signs"

// SynonymsQuerySigns: the signs * " ( ) : mean something in queries only
// → write plain words, with commas between them
func SynonymsQuerySigns() Reason {
	return Reason{ReasonCode: "synonyms_query_signs", RemedyCode: "write_plain_words_with_commas_between"}
}

// CodeSynonymsSeveralLines is the code of SynonymsSeveralLines.
const CodeSynonymsSeveralLines = "synonyms_several_lines"

// SynonymsSeveralLines: it is more than one line
// → send each line as one string
func SynonymsSeveralLines() Reason {
	return Reason{ReasonCode: "synonyms_several_lines", RemedyCode: "send_each_line_as_one_string"}
}

// CodeSynonymsTwoArrows is the code of SynonymsTwoArrows.
const CodeSynonymsTwoArrows = "synonyms_two_arrows"

// SynonymsTwoArrows: there are two arrows
// → make two lines of it
func SynonymsTwoArrows() Reason {
	return Reason{ReasonCode: "synonyms_two_arrows", RemedyCode: "make_two_lines"}
}

// CodeTagsSetAndChanged is the code of TagsSetAndChanged.
const CodeTagsSetAndChanged = "tags_set_and_changed"

// TagsSetAndChanged: tags are set, and added or removed, at once
// → do one or the other
func TagsSetAndChanged() Reason {
	return Reason{ReasonCode: "tags_set_and_changed", RemedyCode: "do_one_or_the_other"}
}

// CodeTakenBack is the code of TakenBack.
const CodeTakenBack = "taken_back"

// TakenBack: taken back
func TakenBack() Reason {
	return Reason{ReasonCode: "taken_back"}
}

// CodeTakenBackMeanwhile is the code of TakenBackMeanwhile.
const CodeTakenBackMeanwhile = "taken_back_meanwhile"

// TakenBackMeanwhile: it has been taken back meanwhile
// → publish it again
func TakenBackMeanwhile() Reason {
	return Reason{ReasonCode: "taken_back_meanwhile", RemedyCode: "publish_it_again"}
}

// CodeTermAmbiguous is the code of TermAmbiguous.
const CodeTermAmbiguous = "term_ambiguous"

// TermAmbiguous: several terms are called “{value}”
func TermAmbiguous(valueOf any) Reason {
	return Reason{ReasonCode: "term_ambiguous", Params: Params{"value": value(valueOf)}}
}

// CodeTermArchived is the code of TermArchived.
const CodeTermArchived = "term_archived"

// TermArchived: the term “{value}” is archived
// → choose another term
func TermArchived(valueOf any) Reason {
	return Reason{ReasonCode: "term_archived", Params: Params{"value": value(valueOf)}, RemedyCode: "choose_another_term"}
}

// CodeTermColumns is the code of TermColumns.
const CodeTermColumns = "term_columns"

// TermColumns: the columns are id, parent, archived, label:LOCALE and synonyms:LOCALE; “{name}” is none of them
// → see docs/vocabularies.md for the columns
func TermColumns(name any) Reason {
	return Reason{ReasonCode: "term_columns", Params: Params{"name": value(name)}, RemedyCode: "see_docs_vocabularies"}
}

// CodeTermExists is the code of TermExists.
const CodeTermExists = "term_exists"

// TermExists: there is a term {id} already
// → choose another id
func TermExists(id any) Reason {
	return Reason{ReasonCode: "term_exists", Params: Params{"id": value(id)}, RemedyCode: "choose_another_id"}
}

// CodeTermHasChildren is the code of TermHasChildren.
const CodeTermHasChildren = "term_has_children"

// TermHasChildren: {count} terms are below it
// → ask for what is below it to be deleted, too
func TermHasChildren(count any) Reason {
	return Reason{ReasonCode: "term_has_children", Params: Params{"count": value(count)}, RemedyCode: "delete_below_too"}
}

// CodeTermIdForm is the code of TermIdForm.
const CodeTermIdForm = "term_id_form"

// TermIdForm: an id has at most {max} lower-case letters, digits and . _ : -
// → use lower-case letters, digits and . _ : - inside
func TermIdForm(max any) Reason {
	return Reason{ReasonCode: "term_id_form", Params: Params{"max": value(max)}, RemedyCode: "use_term_id_form"}
}

// CodeTermInItself is the code of TermInItself.
const CodeTermInItself = "term_in_itself"

// TermInItself: a term can’t be below itself
// → move it somewhere else
func TermInItself() Reason {
	return Reason{ReasonCode: "term_in_itself", RemedyCode: "move_it_elsewhere"}
}

// CodeTermInUse is the code of TermInUse.
const CodeTermInUse = "term_in_use"

// TermInUse: {count} assets hold it or a term below it
// → merge it into another one, or archive it
func TermInUse(count any) Reason {
	return Reason{ReasonCode: "term_in_use", Params: Params{"count": value(count)}, RemedyCode: "merge_or_archive_it"}
}

// CodeTermInUseByProducts is the code of TermInUseByProducts.
const CodeTermInUseByProducts = "term_in_use_by_products"

// TermInUseByProducts: {count} products have it or a term below it
// → merge it into another one, or archive it
func TermInUseByProducts(count any) Reason {
	return Reason{ReasonCode: "term_in_use_by_products", Params: Params{"count": value(count)}, RemedyCode: "merge_or_archive_it"}
}

// CodeTermIntoItself is the code of TermIntoItself.
const CodeTermIntoItself = "term_into_itself"

// TermIntoItself: a term can’t be merged into itself or into one below it
// → choose another term
func TermIntoItself() Reason {
	return Reason{ReasonCode: "term_into_itself", RemedyCode: "choose_another_term"}
}

// CodeTermLabelForm is the code of TermLabelForm.
const CodeTermLabelForm = "term_label_form"

// TermLabelForm: a label or synonym has 1 to {max} characters
// → shorten it
func TermLabelForm(max any) Reason {
	return Reason{ReasonCode: "term_label_form", Params: Params{"max": value(max)}, RemedyCode: "shorten_the_label"}
}

// CodeTermMerged is the code of TermMerged.
const CodeTermMerged = "term_merged"

// TermMerged: it was merged into {into} already
// → choose another term
func TermMerged(into any) Reason {
	return Reason{ReasonCode: "term_merged", Params: Params{"into": value(into)}, RemedyCode: "choose_another_term"}
}

// CodeTermTableUnreadable is the code of TermTableUnreadable.
const CodeTermTableUnreadable = "term_table_unreadable"

// TermTableUnreadable: it is not a CSV table with a heading
// → see docs/vocabularies.md for the columns
func TermTableUnreadable() Reason {
	return Reason{ReasonCode: "term_table_unreadable", RemedyCode: "see_docs_vocabularies"}
}

// CodeTermTooDeep is the code of TermTooDeep.
const CodeTermTooDeep = "term_too_deep"

// TermTooDeep: terms are at most {max} levels deep
// → move it somewhere else
func TermTooDeep(max any) Reason {
	return Reason{ReasonCode: "term_too_deep", Params: Params{"max": value(max)}, RemedyCode: "move_it_elsewhere"}
}

// CodeTermTooManyLocales is the code of TermTooManyLocales.
const CodeTermTooManyLocales = "term_too_many_locales"

// TermTooManyLocales: a term has labels in at most {max} locales
// → keep fewer
func TermTooManyLocales(max any) Reason {
	return Reason{ReasonCode: "term_too_many_locales", Params: Params{"max": value(max)}, RemedyCode: "keep_fewer"}
}

// CodeTermTooManySynonyms is the code of TermTooManySynonyms.
const CodeTermTooManySynonyms = "term_too_many_synonyms"

// TermTooManySynonyms: a term has at most {max} synonyms in a locale
// → keep fewer
func TermTooManySynonyms(max any) Reason {
	return Reason{ReasonCode: "term_too_many_synonyms", Params: Params{"max": value(max)}, RemedyCode: "keep_fewer"}
}

// CodeTermWithoutLabel is the code of TermWithoutLabel.
const CodeTermWithoutLabel = "term_without_label"

// TermWithoutLabel: a term has a label
// → give it a label in one language
func TermWithoutLabel() Reason {
	return Reason{ReasonCode: "term_without_label", RemedyCode: "give_a_label"}
}

// CodeTerritoriesUnknown is the code of TerritoriesUnknown.
const CodeTerritoriesUnknown = "territories_unknown"

// TerritoriesUnknown: the asset may be shown in some territories only, and the channel reaches everywhere
// → give the channel its territories, or choose another asset
func TerritoriesUnknown() Reason {
	return Reason{ReasonCode: "territories_unknown", RemedyCode: "give_the_channel_its_territories"}
}

// CodeTerritoryForbidden is the code of TerritoryForbidden.
const CodeTerritoryForbidden = "territory_forbidden"

// TerritoryForbidden: the asset may not be shown in {territory}, which the channel reaches
// → choose another channel or another asset
func TerritoryForbidden(territory any) Reason {
	return Reason{ReasonCode: "territory_forbidden", Params: Params{"territory": value(territory)}, RemedyCode: "choose_another_channel_or_another_asset"}
}

// CodeTerritoryForm is the code of TerritoryForm.
const CodeTerritoryForm = "territory_form"

// TerritoryForm: a territory is an ISO 3166-1 alpha-2 code
// → write FR, CA, …
func TerritoryForm() Reason {
	return Reason{ReasonCode: "territory_form", RemedyCode: "write_fr_ca"}
}

// CodeTextForm is the code of TextForm.
const CodeTextForm = "text_form"

// TextForm: a text is a string or an object {locale: text}
// → send "…" or {"en": "…", "fr": "…"}
func TextForm() Reason {
	return Reason{ReasonCode: "text_form", RemedyCode: "send_or_en"}
}

// CodeTextTooLong is the code of TextTooLong.
const CodeTextTooLong = "text_too_long"

// TextTooLong: longer than {max} characters
// → shorten it
func TextTooLong(max any) Reason {
	return Reason{ReasonCode: "text_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten_f"}
}

// CodeTiktokAccessExpired is the code of TiktokAccessExpired.
const CodeTiktokAccessExpired = "tiktok_access_expired"

// TiktokAccessExpired: the access to TikTok has expired
// → connect the channel again with valid credentials
func TiktokAccessExpired() Reason {
	return Reason{ReasonCode: "tiktok_access_expired", RemedyCode: "connect_again"}
}

// CodeTiktokAccessNotRenewed is the code of TiktokAccessNotRenewed.
const CodeTiktokAccessNotRenewed = "tiktok_access_not_renewed"

// TiktokAccessNotRenewed: TikTok does not renew the access
// → connect the channel again with valid credentials
func TiktokAccessNotRenewed() Reason {
	return Reason{ReasonCode: "tiktok_access_not_renewed", RemedyCode: "connect_again"}
}

// CodeTiktokAppNotPublic is the code of TiktokAppNotPublic.
const CodeTiktokAppNotPublic = "tiktok_app_not_public"

// TiktokAppNotPublic: TikTok does not let this app post for everyone
// → choose another privacy in the channel's settings, or have the app audited
func TiktokAppNotPublic() Reason {
	return Reason{ReasonCode: "tiktok_app_not_public", RemedyCode: "choose_another_privacy_in_the_channels"}
}

// CodeTiktokCannotDelete is the code of TiktokCannotDelete.
const CodeTiktokCannotDelete = "tiktok_cannot_delete"

// TiktokCannotDelete: TikTok has no call that deletes a post
// → delete it in the app, then confirm that it is gone
func TiktokCannotDelete() Reason {
	return Reason{ReasonCode: "tiktok_cannot_delete", RemedyCode: "delete_in_app_and_confirm"}
}

// CodeTiktokCannotUse is the code of TiktokCannotUse.
const CodeTiktokCannotUse = "tiktok_cannot_use"

// TiktokCannotUse: TikTok could not make the post: {cause}
func TiktokCannotUse(cause any) Reason {
	return Reason{ReasonCode: "tiktok_cannot_use", Params: Params{"cause": value(cause)}}
}

// CodeTiktokDomainNotOwned is the code of TiktokDomainNotOwned.
const CodeTiktokDomainNotOwned = "tiktok_domain_not_owned"

// TiktokDomainNotOwned: TikTok fetches only from domains that the app owns
// → verify the domain of the public URL in the app's settings at TikTok, then retry
func TiktokDomainNotOwned() Reason {
	return Reason{ReasonCode: "tiktok_domain_not_owned", RemedyCode: "verify_the_domain_of_the_public"}
}

// CodeTiktokFilmCaptionTooLong is the code of TiktokFilmCaptionTooLong.
const CodeTiktokFilmCaptionTooLong = "tiktok_film_caption_too_long"

// TiktokFilmCaptionTooLong: caption of a video: {n} of {max} characters
// → shorten it
func TiktokFilmCaptionTooLong(n, max any) Reason {
	return Reason{ReasonCode: "tiktok_film_caption_too_long", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten"}
}

// CodeTiktokFilmTooSmall is the code of TiktokFilmTooSmall.
const CodeTiktokFilmTooSmall = "tiktok_film_too_small"

// TiktokFilmTooSmall: {preset} is {width}×{height} pixels, and TikTok takes no video below {min} a side
// → choose a larger preset
func TiktokFilmTooSmall(preset, width, height, min any) Reason {
	return Reason{ReasonCode: "tiktok_film_too_small", Params: Params{"preset": value(preset), "width": value(width), "height": value(height), "min": value(min)}, RemedyCode: "choose_a_larger_preset"}
}

// CodeTiktokMakingPost is the code of TiktokMakingPost.
const CodeTiktokMakingPost = "tiktok_making_post"

// TiktokMakingPost: TikTok has the video and is making the post; it is being looked up
func TiktokMakingPost() Reason {
	return Reason{ReasonCode: "tiktok_making_post"}
}

// CodeTiktokNoSearch is the code of TiktokNoSearch.
const CodeTiktokNoSearch = "tiktok_no_search"

// TiktokNoSearch: TikTok has no call that finds a photo post
func TiktokNoSearch() Reason {
	return Reason{ReasonCode: "tiktok_no_search"}
}

// CodeTiktokPhotoCaptionTooLong is the code of TiktokPhotoCaptionTooLong.
const CodeTiktokPhotoCaptionTooLong = "tiktok_photo_caption_too_long"

// TiktokPhotoCaptionTooLong: caption of a photo: {n} of {max} characters
// → shorten it
func TiktokPhotoCaptionTooLong(n, max any) Reason {
	return Reason{ReasonCode: "tiktok_photo_caption_too_long", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten"}
}

// CodeTiktokPrivacyMismatch is the code of TiktokPrivacyMismatch.
const CodeTiktokPrivacyMismatch = "tiktok_privacy_mismatch"

// TiktokPrivacyMismatch: TikTok does not offer this account the privacy that was chosen
// → choose it in the post's options, or in the channel's settings for every post
func TiktokPrivacyMismatch() Reason {
	return Reason{ReasonCode: "tiktok_privacy_mismatch", RemedyCode: "choose_who_sees_the_post"}
}

// CodeTiktokPrivacyNotAllowed is the code of TiktokPrivacyNotAllowed.
const CodeTiktokPrivacyNotAllowed = "tiktok_privacy_not_allowed"

// TiktokPrivacyNotAllowed: the account can't post as {privacy}
// → choose one of {choices}
func TiktokPrivacyNotAllowed(privacy, choices any) Reason {
	return Reason{ReasonCode: "tiktok_privacy_not_allowed", Params: Params{"privacy": value(privacy), "choices": value(choices)}, RemedyCode: "choose_one_of_choices"}
}

// CodeTiktokPrivacyUnsaid is the code of TiktokPrivacyUnsaid.
const CodeTiktokPrivacyUnsaid = "tiktok_privacy_unsaid"

// TiktokPrivacyUnsaid: nobody has chosen who sees the post
// → choose it in the post's options, or in the channel's settings for every post
func TiktokPrivacyUnsaid() Reason {
	return Reason{ReasonCode: "tiktok_privacy_unsaid", RemedyCode: "choose_who_sees_the_post"}
}

// CodeTiktokPrivacyWithdrawn is the code of TiktokPrivacyWithdrawn.
const CodeTiktokPrivacyWithdrawn = "tiktok_privacy_withdrawn"

// TiktokPrivacyWithdrawn: the account no longer offers {privacy}
// → choose one of {choices}
func TiktokPrivacyWithdrawn(privacy, choices any) Reason {
	return Reason{ReasonCode: "tiktok_privacy_withdrawn", Params: Params{"privacy": value(privacy), "choices": value(choices)}, RemedyCode: "choose_one_of_choices"}
}

// CodeTiktokPrivatePartnership is the code of TiktokPrivatePartnership.
const CodeTiktokPrivatePartnership = "tiktok_private_partnership"

// TiktokPrivatePartnership: TikTok takes no paid partnership that only the account itself sees
// → choose another privacy in the channel's settings, or leave it out
func TiktokPrivatePartnership() Reason {
	return Reason{ReasonCode: "tiktok_private_partnership", RemedyCode: "choose_another_privacy_in_the_channels_settings"}
}

// CodeTiktokRefuses is the code of TiktokRefuses.
const CodeTiktokRefuses = "tiktok_refuses"

// TiktokRefuses: TikTok refuses this: {said}
// → change it, then retry
func TiktokRefuses(said any) Reason {
	return Reason{ReasonCode: "tiktok_refuses", Params: Params{"said": value(said)}, RemedyCode: "change_then_retry"}
}

// CodeTiktokRefusesAccount is the code of TiktokRefusesAccount.
const CodeTiktokRefusesAccount = "tiktok_refuses_account"

// TiktokRefusesAccount: TikTok refuses the account: {said}
// → connect the channel again with valid credentials
func TiktokRefusesAccount(said any) Reason {
	return Reason{ReasonCode: "tiktok_refuses_account", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodeTiktokRefusesAccountReason is the code of TiktokRefusesAccountReason.
const CodeTiktokRefusesAccountReason = "tiktok_refuses_account_reason"

// TiktokRefusesAccountReason: TikTok refuses the account: {reason}
// → connect the channel again with valid credentials
func TiktokRefusesAccountReason(reason any) Reason {
	return Reason{ReasonCode: "tiktok_refuses_account_reason", Params: Params{"reason": value(reason)}, RemedyCode: "connect_again"}
}

// CodeTiktokSays is the code of TiktokSays.
const CodeTiktokSays = "tiktok_says"

// TiktokSays: TikTok says {status}
func TiktokSays(status any) Reason {
	return Reason{ReasonCode: "tiktok_says", Params: Params{"status": value(status)}}
}

// CodeTiktokUploadClosed is the code of TiktokUploadClosed.
const CodeTiktokUploadClosed = "tiktok_upload_closed"

// TiktokUploadClosed: TikTok closed the upload, or its content changed, before it was sure that the post was made
// → look at the account; if it is not there, retry
func TiktokUploadClosed() Reason {
	return Reason{ReasonCode: "tiktok_upload_closed", RemedyCode: "look_at_the_account"}
}

// CodeTiktokWithoutPublicUrl is the code of TiktokWithoutPublicUrl.
const CodeTiktokWithoutPublicUrl = "tiktok_without_public_url"

// TiktokWithoutPublicUrl: TikTok fetches the picture from this server, which does not know its public URL
// → set VITRINE_PUBLIC_URL
func TiktokWithoutPublicUrl() Reason {
	return Reason{ReasonCode: "tiktok_without_public_url", RemedyCode: "set_vitrine_public_url"}
}

// CodeTimePassed is the code of TimePassed.
const CodeTimePassed = "time_passed"

// TimePassed: {at:time} has passed
// → choose a later time, or leave it out to publish now
func TimePassed(at any) Reason {
	return Reason{ReasonCode: "time_passed", Params: Params{"at": value(at)}, RemedyCode: "leave_the_time_out"}
}

// CodeTimeZoneUnknown is the code of TimeZoneUnknown.
const CodeTimeZoneUnknown = "time_zone_unknown"

// TimeZoneUnknown: there is no time zone “{name}”
func TimeZoneUnknown(name any) Reason {
	return Reason{ReasonCode: "time_zone_unknown", Params: Params{"name": value(name)}}
}

// CodeTitleTooLong is the code of TitleTooLong.
const CodeTitleTooLong = "title_too_long"

// TitleTooLong: title {n} of {max} characters
// → shorten it
func TitleTooLong(n, max any) Reason {
	return Reason{ReasonCode: "title_too_long", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "shorten_f"}
}

// CodeToBeTakenBack is the code of ToBeTakenBack.
const CodeToBeTakenBack = "to_be_taken_back"

// ToBeTakenBack: to be taken back: {why}
func ToBeTakenBack(why any) Reason {
	return Reason{ReasonCode: "to_be_taken_back", Params: Params{"why": value(why)}}
}

// CodeTokenAlreadyExpired is the code of TokenAlreadyExpired.
const CodeTokenAlreadyExpired = "token_already_expired"

// TokenAlreadyExpired: the token would already have expired
// → give a time in the future, or none
func TokenAlreadyExpired() Reason {
	return Reason{ReasonCode: "token_already_expired", RemedyCode: "give_a_time_in_the_future"}
}

// CodeTokenInvalid is the code of TokenInvalid.
const CodeTokenInvalid = "token_invalid"

// TokenInvalid: the token is unknown, revoked or expired
// → create a new token and send it as: Authorization: Bearer {mark}…
func TokenInvalid(mark any) Reason {
	return Reason{ReasonCode: "token_invalid", Params: Params{"mark": value(mark)}, RemedyCode: "create_a_new_token_and_send"}
}

// CodeTokenLacksPermission is the code of TokenLacksPermission.
const CodeTokenLacksPermission = "token_lacks_permission"

// TokenLacksPermission: it lacks the permission to {permission:permission}, which this import needs
// → use a token of a role that has it
func TokenLacksPermission(permission any) Reason {
	return Reason{ReasonCode: "token_lacks_permission", Params: Params{"permission": value(permission)}, RemedyCode: "use_a_token_with_that_role"}
}

// CodeTokenRefused is the code of TokenRefused.
const CodeTokenRefused = "token_refused"

// TokenRefused: the server doesn't accept the token
// → make one with `vitrine token create --data THE-SERVERS-FOLDER --role editor --name importer` and pass it as VITRINE_TOKEN
func TokenRefused() Reason {
	return Reason{ReasonCode: "token_refused", RemedyCode: "make_one_with_vitrine_token_create"}
}

// CodeTokenWithoutPassword is the code of TokenWithoutPassword.
const CodeTokenWithoutPassword = "token_without_password"

// TokenWithoutPassword: a token has no password
// → sign in as the person
func TokenWithoutPassword() Reason {
	return Reason{ReasonCode: "token_without_password", RemedyCode: "sign_in_as_the_person"}
}

// CodeTooManyColumns is the code of TooManyColumns.
const CodeTooManyColumns = "too_many_columns"

// TooManyColumns: there are more than 500 columns
// → leave some out
func TooManyColumns() Reason {
	return Reason{ReasonCode: "too_many_columns", RemedyCode: "leave_some_out"}
}

// CodeTooManyCustomFields is the code of TooManyCustomFields.
const CodeTooManyCustomFields = "too_many_custom_fields"

// TooManyCustomFields: a library has at most {max} fields
// → remove some
func TooManyCustomFields(max any) Reason {
	return Reason{ReasonCode: "too_many_custom_fields", Params: Params{"max": value(max)}, RemedyCode: "remove_some"}
}

// CodeTooManyDemands is the code of TooManyDemands.
const CodeTooManyDemands = "too_many_demands"

// TooManyDemands: too many requests for what is not at hand
// → wait a second; ask with fewer connections
func TooManyDemands() Reason {
	return Reason{ReasonCode: "too_many_demands", RemedyCode: "wait_a_second"}
}

// CodeTooManyDrafts is the code of TooManyDrafts.
const CodeTooManyDrafts = "too_many_drafts"

// TooManyDrafts: the library has {maximum} drafts already
// → plan or delete some of them
func TooManyDrafts(maximum any) Reason {
	return Reason{ReasonCode: "too_many_drafts", Params: Params{"maximum": value(maximum)}, RemedyCode: "plan_or_delete_some_drafts"}
}

// CodeTooManyEntriesInPatch is the code of TooManyEntriesInPatch.
const CodeTooManyEntriesInPatch = "too_many_entries_in_patch"

// TooManyEntriesInPatch: more than {max} entries
// → leave some out
func TooManyEntriesInPatch(max any) Reason {
	return Reason{ReasonCode: "too_many_entries_in_patch", Params: Params{"max": value(max)}, RemedyCode: "leave_some_out"}
}

// CodeTooManyExceptions is the code of TooManyExceptions.
const CodeTooManyExceptions = "too_many_exceptions"

// TooManyExceptions: a smart collection can exclude at most {max} assets
// → say it in the query instead
func TooManyExceptions(max any) Reason {
	return Reason{ReasonCode: "too_many_exceptions", Params: Params{"max": value(max)}, RemedyCode: "say_it_in_the_query"}
}

// CodeTooManyFacets is the code of TooManyFacets.
const CodeTooManyFacets = "too_many_facets"

// TooManyFacets: more than {max} fields to count by
// → ask for fewer at a time
func TooManyFacets(max any) Reason {
	return Reason{ReasonCode: "too_many_facets", Params: Params{"max": value(max)}, RemedyCode: "ask_for_fewer_at_a_time"}
}

// CodeTooManyFailedSignIns is the code of TooManyFailedSignIns.
const CodeTooManyFailedSignIns = "too_many_failed_sign_ins"

// TooManyFailedSignIns: too many failed sign-ins
// → wait {wait:duration} and try again, or ask an administrator for a new password
func TooManyFailedSignIns(wait any) Reason {
	return Reason{ReasonCode: "too_many_failed_sign_ins", Params: Params{"wait": value(wait)}, RemedyCode: "wait_wait_and_try_again"}
}

// CodeTooManyFamilies is the code of TooManyFamilies.
const CodeTooManyFamilies = "too_many_families"

// TooManyFamilies: a library has at most {max} families
// → delete one that no product needs
func TooManyFamilies(max any) Reason {
	return Reason{ReasonCode: "too_many_families", Params: Params{"max": value(max)}, RemedyCode: "delete_a_family_first"}
}

// CodeTooManyFiles is the code of TooManyFiles.
const CodeTooManyFiles = "too_many_files"

// TooManyFiles: a post on {kind} takes at most {maximum} pictures, and this one has {count} files
// → choose fewer files, or publish them one by one
func TooManyFiles(kind, maximum, count any) Reason {
	return Reason{ReasonCode: "too_many_files", Params: Params{"kind": value(kind), "maximum": value(maximum), "count": value(count)}, RemedyCode: "choose_fewer_files"}
}

// CodeTooManyHashtags is the code of TooManyHashtags.
const CodeTooManyHashtags = "too_many_hashtags"

// TooManyHashtags: {n} of {max} hashtags
// → leave some out
func TooManyHashtags(n, max any) Reason {
	return Reason{ReasonCode: "too_many_hashtags", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "leave_some_out"}
}

// CodeTooManyHeirs is the code of TooManyHeirs.
const CodeTooManyHeirs = "too_many_heirs"

// TooManyHeirs: more than {max} assets derive from these
// → remove some relations first
func TooManyHeirs(max any) Reason {
	return Reason{ReasonCode: "too_many_heirs", Params: Params{"max": value(max)}, RemedyCode: "remove_some_relations_first"}
}

// CodeTooManyKeptMembers is the code of TooManyKeptMembers.
const CodeTooManyKeptMembers = "too_many_kept_members"

// TooManyKeptMembers: the smart collection has more than {max} assets
// → freeze it instead, or put what its query finds into a new collection with a bulk change
func TooManyKeptMembers(max any) Reason {
	return Reason{ReasonCode: "too_many_kept_members", Params: Params{"max": value(max)}, RemedyCode: "freeze_it_or_collect_in_bulk"}
}

// CodeTooManyLanguages is the code of TooManyLanguages.
const CodeTooManyLanguages = "too_many_languages"

// TooManyLanguages: a text in more than {max} languages
// → leave some out
func TooManyLanguages(max any) Reason {
	return Reason{ReasonCode: "too_many_languages", Params: Params{"max": value(max)}, RemedyCode: "leave_some_out"}
}

// CodeTooManyLimitCollections is the code of TooManyLimitCollections.
const CodeTooManyLimitCollections = "too_many_limit_collections"

// TooManyLimitCollections: a limit has at most {max} collections
// → put the assets into fewer collections
func TooManyLimitCollections(max any) Reason {
	return Reason{ReasonCode: "too_many_limit_collections", Params: Params{"max": value(max)}, RemedyCode: "put_the_assets_into_fewer_collections"}
}

// CodeTooManyLinkedAssets is the code of TooManyLinkedAssets.
const CodeTooManyLinkedAssets = "too_many_linked_assets"

// TooManyLinkedAssets: one can be linked to at most {max} assets
// → make another one for the rest
func TooManyLinkedAssets(max any) Reason {
	return Reason{ReasonCode: "too_many_linked_assets", Params: Params{"max": value(max)}, RemedyCode: "make_another_for_the_rest"}
}

// CodeTooManyLinksAtOnce is the code of TooManyLinksAtOnce.
const CodeTooManyLinksAtOnce = "too_many_links_at_once"

// TooManyLinksAtOnce: at most {max} assets are linked in one step
// → link them in parts
func TooManyLinksAtOnce(max any) Reason {
	return Reason{ReasonCode: "too_many_links_at_once", Params: Params{"max": value(max)}, RemedyCode: "link_them_in_parts"}
}

// CodeTooManyListEntries is the code of TooManyListEntries.
const CodeTooManyListEntries = "too_many_list_entries"

// TooManyListEntries: more than {max} entries
// → leave some out
func TooManyListEntries(max any) Reason {
	return Reason{ReasonCode: "too_many_list_entries", Params: Params{"max": value(max)}, RemedyCode: "leave_some_out"}
}

// CodeTooManyMentions is the code of TooManyMentions.
const CodeTooManyMentions = "too_many_mentions"

// TooManyMentions: {n} of {max} mentions
// → leave some out
func TooManyMentions(n, max any) Reason {
	return Reason{ReasonCode: "too_many_mentions", Params: Params{"n": value(n), "max": value(max)}, RemedyCode: "leave_some_out"}
}

// CodeTooManyMetadataNames is the code of TooManyMetadataNames.
const CodeTooManyMetadataNames = "too_many_metadata_names"

// TooManyMetadataNames: more than {max} names
// → send only what the server knows: filename, asset, on_duplicate
func TooManyMetadataNames(max any) Reason {
	return Reason{ReasonCode: "too_many_metadata_names", Params: Params{"max": value(max)}, RemedyCode: "send_only_what_the_server_knows"}
}

// CodeTooManyNameLanguages is the code of TooManyNameLanguages.
const CodeTooManyNameLanguages = "too_many_name_languages"

// TooManyNameLanguages: names in more than {max} languages
// → leave some out
func TooManyNameLanguages(max any) Reason {
	return Reason{ReasonCode: "too_many_name_languages", Params: Params{"max": value(max)}, RemedyCode: "leave_some_out"}
}

// CodeTooManyOpenFiles is the code of TooManyOpenFiles.
const CodeTooManyOpenFiles = "too_many_open_files"

// TooManyOpenFiles: the server has too many files open
// → try again in a moment; an administrator can raise the limit of open files
func TooManyOpenFiles() Reason {
	return Reason{ReasonCode: "too_many_open_files", RemedyCode: "try_again_in_a_moment"}
}

// CodeTooManyPixelsToAnalyse is the code of TooManyPixelsToAnalyse.
const CodeTooManyPixelsToAnalyse = "too_many_pixels_to_analyse"

// TooManyPixelsToAnalyse: {width} × {height} pixels are too many to look at
// → look at a rendition
func TooManyPixelsToAnalyse(width, height any) Reason {
	return Reason{ReasonCode: "too_many_pixels_to_analyse", Params: Params{"width": value(width), "height": value(height)}, RemedyCode: "look_at_a_rendition"}
}

// CodeTooManyPrefixWords is the code of TooManyPrefixWords.
const CodeTooManyPrefixWords = "too_many_prefix_words"

// TooManyPrefixWords: too many words begin like those with a star
// → write more letters before the star, or fewer words with one
func TooManyPrefixWords() Reason {
	return Reason{ReasonCode: "too_many_prefix_words", RemedyCode: "write_more_letters_before_the_star"}
}

// CodeTooManyRecordsOfAsset is the code of TooManyRecordsOfAsset.
const CodeTooManyRecordsOfAsset = "too_many_records_of_asset"

// TooManyRecordsOfAsset: an asset has at most {max} licences and consents, and {asset} would have more
// → unlink some of them first
func TooManyRecordsOfAsset(max, asset any) Reason {
	return Reason{ReasonCode: "too_many_records_of_asset", Params: Params{"max": value(max), "asset": value(asset)}, RemedyCode: "unlink_some_first"}
}

// CodeTooManyRecordsOfUnseen is the code of TooManyRecordsOfUnseen.
const CodeTooManyRecordsOfUnseen = "too_many_records_of_unseen"

// TooManyRecordsOfUnseen: an asset has at most {max} licences and consents, and one that you don’t see would have more
// → unlink some of them first
func TooManyRecordsOfUnseen(max any) Reason {
	return Reason{ReasonCode: "too_many_records_of_unseen", Params: Params{"max": value(max)}, RemedyCode: "unlink_some_first"}
}

// CodeTooManyRelations is the code of TooManyRelations.
const CodeTooManyRelations = "too_many_relations"

// TooManyRelations: an asset has at most {max} relations
// → remove some relations first
func TooManyRelations(max any) Reason {
	return Reason{ReasonCode: "too_many_relations", Params: Params{"max": value(max)}, RemedyCode: "remove_some_relations_first"}
}

// CodeTooManyRequests is the code of TooManyRequests.
const CodeTooManyRequests = "too_many_requests"

// TooManyRequests: too many requests
// → wait {seconds} s, then go on more slowly
func TooManyRequests(seconds any) Reason {
	return Reason{ReasonCode: "too_many_requests", Params: Params{"seconds": value(seconds)}, RemedyCode: "wait_then_slow_down"}
}

// CodeTooManySmartCollections is the code of TooManySmartCollections.
const CodeTooManySmartCollections = "too_many_smart_collections"

// TooManySmartCollections: more than {max} smart collections are below it
// → name one that is lower down in the tree
func TooManySmartCollections(max any) Reason {
	return Reason{ReasonCode: "too_many_smart_collections", Params: Params{"max": value(max)}, RemedyCode: "name_one_that_is_lower"}
}

// CodeTooManySources is the code of TooManySources.
const CodeTooManySources = "too_many_sources"

// TooManySources: the other asset is made of more than {max} others
// → relate it to another one of them
func TooManySources(max any) Reason {
	return Reason{ReasonCode: "too_many_sources", Params: Params{"max": value(max)}, RemedyCode: "relate_it_to_a_nearer_asset"}
}

// CodeTooManySynonymLines is the code of TooManySynonymLines.
const CodeTooManySynonymLines = "too_many_synonym_lines"

// TooManySynonymLines: there are more than {max} lines
// → put words that mean the same on one line
func TooManySynonymLines(max any) Reason {
	return Reason{ReasonCode: "too_many_synonym_lines", Params: Params{"max": value(max)}, RemedyCode: "put_words_that_mean_the_same"}
}

// CodeTooManyTerms is the code of TooManyTerms.
const CodeTooManyTerms = "too_many_terms"

// TooManyTerms: a vocabulary has at most {max} terms
// → keep fewer
func TooManyTerms(max any) Reason {
	return Reason{ReasonCode: "too_many_terms", Params: Params{"max": value(max)}, RemedyCode: "keep_fewer"}
}

// CodeTooManyUnfinishedUploads is the code of TooManyUnfinishedUploads.
const CodeTooManyUnfinishedUploads = "too_many_unfinished_uploads"

// TooManyUnfinishedUploads: you have {number} uploads that have not ended
// → end or give up some of them first (DELETE, or answer what is asked about duplicates); an administrator can raise upload_unfinished
func TooManyUnfinishedUploads(number any) Reason {
	return Reason{ReasonCode: "too_many_unfinished_uploads", Params: Params{"number": value(number)}, RemedyCode: "end_or_give_up_some"}
}

// CodeTooManyVocabularies is the code of TooManyVocabularies.
const CodeTooManyVocabularies = "too_many_vocabularies"

// TooManyVocabularies: a library has at most {max} vocabularies
// → keep fewer
func TooManyVocabularies(max any) Reason {
	return Reason{ReasonCode: "too_many_vocabularies", Params: Params{"max": value(max)}, RemedyCode: "keep_fewer"}
}

// CodeTooManyWaitingParents is the code of TooManyWaitingParents.
const CodeTooManyWaitingParents = "too_many_waiting_parents"

// TooManyWaitingParents: more than {max} rows stand before their parents
// → put the parents’ rows first
func TooManyWaitingParents(max any) Reason {
	return Reason{ReasonCode: "too_many_waiting_parents", Params: Params{"max": value(max)}, RemedyCode: "put_parents_first"}
}

// CodeTooManyZones is the code of TooManyZones.
const CodeTooManyZones = "too_many_zones"

// TooManyZones: more than 50 zones
// → draw one around several
func TooManyZones() Reason {
	return Reason{ReasonCode: "too_many_zones", RemedyCode: "draw_one_around_several"}
}

// CodeTracesProtocolUnsupported is the code of TracesProtocolUnsupported.
const CodeTracesProtocolUnsupported = "traces_protocol_unsupported"

// TracesProtocolUnsupported: traces can't be sent by {protocol}
// → use http/protobuf, and the collector's endpoint for it (port 4318 as a rule)
func TracesProtocolUnsupported(protocol any) Reason {
	return Reason{ReasonCode: "traces_protocol_unsupported", Params: Params{"protocol": value(protocol)}, RemedyCode: "use_http_protobuf_and_the_collectors"}
}

// CodeTusBrokeOff is the code of TusBrokeOff.
const CodeTusBrokeOff = "tus_broke_off"

// TusBrokeOff: the part broke off
// → ask with HEAD how far the upload is, and go on from there
func TusBrokeOff() Reason {
	return Reason{ReasonCode: "tus_broke_off", RemedyCode: "ask_with_head_how_far_the_upload"}
}

// CodeTusConnectionReset is the code of TusConnectionReset.
const CodeTusConnectionReset = "tus_connection_reset"

// TusConnectionReset: the connection broke off
// → ask with HEAD how far the upload is, and go on from there
func TusConnectionReset() Reason {
	return Reason{ReasonCode: "tus_connection_reset", RemedyCode: "ask_with_head_how_far_the_upload"}
}

// CodeTusContentType is the code of TusContentType.
const CodeTusContentType = "tus_content_type"

// TusContentType: the part has another Content-Type
// → send Content-Type: application/offset+octet-stream
func TusContentType() Reason {
	return Reason{ReasonCode: "tus_content_type", RemedyCode: "send_content_type"}
}

// CodeTusFileTooLarge is the code of TusFileTooLarge.
const CodeTusFileTooLarge = "tus_file_too_large"

// TusFileTooLarge: the file is larger than this server takes
// → send a smaller file, or ask an administrator to raise the limit
func TusFileTooLarge() Reason {
	return Reason{ReasonCode: "tus_file_too_large", RemedyCode: "send_a_smaller_file_or_ask"}
}

// CodeTusLength is the code of TusLength.
const CodeTusLength = "tus_length"

// TusLength: Upload-Length is missing, or is not a number of bytes
// → send the file's size as Upload-Length
func TusLength() Reason {
	return Reason{ReasonCode: "tus_length", RemedyCode: "send_the_files_size_as_upload"}
}

// CodeTusLockTimeout is the code of TusLockTimeout.
const CodeTusLockTimeout = "tus_lock_timeout"

// TusLockTimeout: another request holds this upload
// → wait a moment and try again
func TusLockTimeout() Reason {
	return Reason{ReasonCode: "tus_lock_timeout", RemedyCode: "wait_a_moment_and_try_again"}
}

// CodeTusLocked is the code of TusLocked.
const CodeTusLocked = "tus_locked"

// TusLocked: another request sends a part of this upload
// → wait a moment and try again
func TusLocked() Reason {
	return Reason{ReasonCode: "tus_locked", RemedyCode: "wait_a_moment_and_try_again"}
}

// CodeTusMoreThanAnnounced is the code of TusMoreThanAnnounced.
const CodeTusMoreThanAnnounced = "tus_more_than_announced"

// TusMoreThanAnnounced: this is more than Upload-Length announced
// → start the upload again with the right length
func TusMoreThanAnnounced() Reason {
	return Reason{ReasonCode: "tus_more_than_announced", RemedyCode: "start_the_upload_again_with_the_right"}
}

// CodeTusNoUpload is the code of TusNoUpload.
const CodeTusNoUpload = "tus_no_upload"

// TusNoUpload: there is no such upload here
// → start the upload again
func TusNoUpload() Reason {
	return Reason{ReasonCode: "tus_no_upload", RemedyCode: "start_the_upload_again"}
}

// CodeTusNotPossible is the code of TusNotPossible.
const CodeTusNotPossible = "tus_not_possible"

// TusNotPossible: this is not possible here
// → see tus.io for the protocol
func TusNotPossible() Reason {
	return Reason{ReasonCode: "tus_not_possible", RemedyCode: "see_tus_io_for_the_protocol"}
}

// CodeTusOffset is the code of TusOffset.
const CodeTusOffset = "tus_offset"

// TusOffset: Upload-Offset is missing, or is not a number of bytes
// → ask with HEAD how far the upload is, and send that
func TusOffset() Reason {
	return Reason{ReasonCode: "tus_offset", RemedyCode: "ask_with_head_how_far"}
}

// CodeTusOffsetDiffers is the code of TusOffsetDiffers.
const CodeTusOffsetDiffers = "tus_offset_differs"

// TusOffsetDiffers: the upload is not at this offset
// → ask with HEAD how far the upload is, and go on from there
func TusOffsetDiffers() Reason {
	return Reason{ReasonCode: "tus_offset_differs", RemedyCode: "ask_with_head_how_far_the_upload"}
}

// CodeTusReadTimeout is the code of TusReadTimeout.
const CodeTusReadTimeout = "tus_read_timeout"

// TusReadTimeout: nothing came for too long
// → ask with HEAD how far the upload is, and go on from there
func TusReadTimeout() Reason {
	return Reason{ReasonCode: "tus_read_timeout", RemedyCode: "ask_with_head_how_far_the_upload"}
}

// CodeTusServerStopping is the code of TusServerStopping.
const CodeTusServerStopping = "tus_server_stopping"

// TusServerStopping: the server is stopping
// → go on in a moment; what was received is kept
func TusServerStopping() Reason {
	return Reason{ReasonCode: "tus_server_stopping", RemedyCode: "go_on_in_a_moment"}
}

// CodeTusTakenOver is the code of TusTakenOver.
const CodeTusTakenOver = "tus_taken_over"

// TusTakenOver: a newer request has taken this upload over
// → leave it to that one
func TusTakenOver() Reason {
	return Reason{ReasonCode: "tus_taken_over", RemedyCode: "leave_it_to_other"}
}

// CodeTusTwoLengths is the code of TusTwoLengths.
const CodeTusTwoLengths = "tus_two_lengths"

// TusTwoLengths: Upload-Length and Upload-Defer-Length exclude each other
// → send Upload-Length alone
func TusTwoLengths() Reason {
	return Reason{ReasonCode: "tus_two_lengths", RemedyCode: "send_upload_length_alone"}
}

// CodeTusVersion is the code of TusVersion.
const CodeTusVersion = "tus_version"

// TusVersion: the header Tus-Resumable is missing, or names another version
// → send Tus-Resumable: 1.0.0
func TusVersion() Reason {
	return Reason{ReasonCode: "tus_version", RemedyCode: "send_tus_resumable"}
}

// CodeTypeNotShownYet is the code of TypeNotShownYet.
const CodeTypeNotShownYet = "type_not_shown_yet"

// TypeNotShownYet: This server can't show pictures of the type {type} yet; the original can be downloaded.
func TypeNotShownYet(typeOf any) Reason {
	return Reason{ReasonCode: "type_not_shown_yet", Params: Params{"type": value(typeOf)}}
}

// CodeTypeWithoutFocalPoint is the code of TypeWithoutFocalPoint.
const CodeTypeWithoutFocalPoint = "type_without_focal_point"

// TypeWithoutFocalPoint: a file of this type has no focal point
// → choose a picture
func TypeWithoutFocalPoint() Reason {
	return Reason{ReasonCode: "type_without_focal_point", RemedyCode: "choose_a_picture"}
}

// CodeTypeWithoutPictures is the code of TypeWithoutPictures.
const CodeTypeWithoutPictures = "type_without_pictures"

// TypeWithoutPictures: this type of file can't be turned into pictures here
// → the original stays downloadable; upload a JPEG, PNG, WebP, TIFF, GIF or BMP to get renditions
func TypeWithoutPictures() Reason {
	return Reason{ReasonCode: "type_without_pictures", RemedyCode: "the_original_stays_downloadable_upload"}
}

// CodeTypeWithoutRenditions is the code of TypeWithoutRenditions.
const CodeTypeWithoutRenditions = "type_without_renditions"

// TypeWithoutRenditions: a file of this type has no renditions
// → download the original instead
func TypeWithoutRenditions() Reason {
	return Reason{ReasonCode: "type_without_renditions", RemedyCode: "download_the_original_instead"}
}

// CodeTypeWithoutRenditionsChoose is the code of TypeWithoutRenditionsChoose.
const CodeTypeWithoutRenditionsChoose = "type_without_renditions_choose"

// TypeWithoutRenditionsChoose: a file of this type has no renditions
// → choose a picture
func TypeWithoutRenditionsChoose() Reason {
	return Reason{ReasonCode: "type_without_renditions_choose", RemedyCode: "choose_a_picture"}
}

// CodeUnapprovedNotShown is the code of UnapprovedNotShown.
const CodeUnapprovedNotShown = "unapproved_not_shown"

// UnapprovedNotShown: without the permission to see unapproved assets only approved ones within their rights are shown; this one is {status:public_status}
// → approve it, or give a role that sees unapproved assets
func UnapprovedNotShown(status any) Reason {
	return Reason{ReasonCode: "unapproved_not_shown", Params: Params{"status": value(status)}, RemedyCode: "approve_it_or_give_see_unapproved"}
}

// CodeUndoForgotten is the code of UndoForgotten.
const CodeUndoForgotten = "undo_forgotten"

// UndoForgotten: what it was before has been forgotten
// → change the asset by hand
func UndoForgotten() Reason {
	return Reason{ReasonCode: "undo_forgotten", RemedyCode: "change_the_asset_by_hand"}
}

// CodeUnfinishedUploadsTooLarge is the code of UnfinishedUploadsTooLarge.
const CodeUnfinishedUploadsTooLarge = "unfinished_uploads_too_large"

// UnfinishedUploadsTooLarge: with what you have begun and not ended this would be more than {size}
// → end or give up other uploads first; an administrator can raise upload_unfinished_size
func UnfinishedUploadsTooLarge(size any) Reason {
	return Reason{ReasonCode: "unfinished_uploads_too_large", Params: Params{"size": value(size)}, RemedyCode: "end_or_give_up_other_uploads"}
}

// CodeUnknownAction is the code of UnknownAction.
const CodeUnknownAction = "unknown_action"

// UnknownAction: unknown action {action}
// → use submit, approve, reject, archive or restore
func UnknownAction(action any) Reason {
	return Reason{ReasonCode: "unknown_action", Params: Params{"action": value(action)}, RemedyCode: "use_submit_approve_reject_archive"}
}

// CodeUnknownApplyChoice is the code of UnknownApplyChoice.
const CodeUnknownApplyChoice = "unknown_apply_choice"

// UnknownApplyChoice: unknown choice {apply:q}
// → use upload or demand
func UnknownApplyChoice(apply any) Reason {
	return Reason{ReasonCode: "unknown_apply_choice", Params: Params{"apply": value(apply)}, RemedyCode: "use_upload_or_demand"}
}

// CodeUnknownBulkAction is the code of UnknownBulkAction.
const CodeUnknownBulkAction = "unknown_bulk_action"

// UnknownBulkAction: unknown action {action}
// → use submit, approve, reject, archive, restore, delete or undelete
func UnknownBulkAction(action any) Reason {
	return Reason{ReasonCode: "unknown_bulk_action", Params: Params{"action": value(action)}, RemedyCode: "use_submit_approve_reject_archive_restore"}
}

// CodeUnknownCustomField is the code of UnknownCustomField.
const CodeUnknownCustomField = "unknown_custom_field"

// UnknownCustomField: there is no field “{key}”
func UnknownCustomField(key any) Reason {
	return Reason{ReasonCode: "unknown_custom_field", Params: Params{"key": value(key)}}
}

// CodeUnknownDuplicateChoice is the code of UnknownDuplicateChoice.
const CodeUnknownDuplicateChoice = "unknown_duplicate_choice"

// UnknownDuplicateChoice: unknown choice {choice}
// → use new_version or keep_both
func UnknownDuplicateChoice(choice any) Reason {
	return Reason{ReasonCode: "unknown_duplicate_choice", Params: Params{"choice": value(choice)}, RemedyCode: "use_new_version_or_keep_both"}
}

// CodeUnknownFieldStage is the code of UnknownFieldStage.
const CodeUnknownFieldStage = "unknown_field_stage"

// UnknownFieldStage: “{stage}” is not a stage
// → use one of {stages}, or leave it out
func UnknownFieldStage(stage, stages any) Reason {
	return Reason{ReasonCode: "unknown_field_stage", Params: Params{"stage": value(stage), "stages": value(stages)}, RemedyCode: "use_one_of_stages"}
}

// CodeUnknownFieldType is the code of UnknownFieldType.
const CodeUnknownFieldType = "unknown_field_type"

// UnknownFieldType: “{type}” is not a type
// → use one of {types}
func UnknownFieldType(typeOf, types any) Reason {
	return Reason{ReasonCode: "unknown_field_type", Params: Params{"type": value(typeOf), "types": value(types)}, RemedyCode: "use_one_of_types"}
}

// CodeUnknownFit is the code of UnknownFit.
const CodeUnknownFit = "unknown_fit"

// UnknownFit: unknown fit {fit}
// → use contain or cover
func UnknownFit(fit any) Reason {
	return Reason{ReasonCode: "unknown_fit", Params: Params{"fit": value(fit)}, RemedyCode: "use_contain_or_cover"}
}

// CodeUnknownJobState is the code of UnknownJobState.
const CodeUnknownJobState = "unknown_job_state"

// UnknownJobState: unknown state {state}
// → use waiting, running, parked or done
func UnknownJobState(state any) Reason {
	return Reason{ReasonCode: "unknown_job_state", Params: Params{"state": value(state)}, RemedyCode: "use_waiting_running_parked_or_done"}
}

// CodeUnknownKind is the code of UnknownKind.
const CodeUnknownKind = "unknown_kind"

// UnknownKind: “{kind}” is not a kind of asset
// → use one of {kinds}
func UnknownKind(kind, kinds any) Reason {
	return Reason{ReasonCode: "unknown_kind", Params: Params{"kind": value(kind), "kinds": value(kinds)}, RemedyCode: "use_one_of_kinds"}
}

// CodeUnknownMember is the code of UnknownMember.
const CodeUnknownMember = "unknown_member"

// UnknownMember: unknown member
// → see the field's shape in /api/openapi.json
func UnknownMember() Reason {
	return Reason{ReasonCode: "unknown_member", RemedyCode: "see_the_fields_shape_in_api"}
}

// CodeUnknownMetadataChoice is the code of UnknownMetadataChoice.
const CodeUnknownMetadataChoice = "unknown_metadata_choice"

// UnknownMetadataChoice: unknown choice {metadata:q}
// → use keep or strip
func UnknownMetadataChoice(metadata any) Reason {
	return Reason{ReasonCode: "unknown_metadata_choice", Params: Params{"metadata": value(metadata)}, RemedyCode: "use_keep_or_strip"}
}

// CodeUnknownOnDuplicate is the code of UnknownOnDuplicate.
const CodeUnknownOnDuplicate = "unknown_on_duplicate"

// UnknownOnDuplicate: unknown value {value}
// → use ask or keep
func UnknownOnDuplicate(valueOf any) Reason {
	return Reason{ReasonCode: "unknown_on_duplicate", Params: Params{"value": value(valueOf)}, RemedyCode: "use_ask_or_keep"}
}

// CodeUnknownPermission is the code of UnknownPermission.
const CodeUnknownPermission = "unknown_permission"

// UnknownPermission: there is no permission “{permission}”
// → GET /api/permissions lists them
func UnknownPermission(permission any) Reason {
	return Reason{ReasonCode: "unknown_permission", Params: Params{"permission": value(permission)}, RemedyCode: "see_api_permissions"}
}

// CodeUnknownPresetFit is the code of UnknownPresetFit.
const CodeUnknownPresetFit = "unknown_preset_fit"

// UnknownPresetFit: unknown fit {fit:q}
// → use contain or cover
func UnknownPresetFit(fit any) Reason {
	return Reason{ReasonCode: "unknown_preset_fit", Params: Params{"fit": value(fit)}, RemedyCode: "use_contain_or_cover"}
}

// CodeUnknownPresetFormat is the code of UnknownPresetFormat.
const CodeUnknownPresetFormat = "unknown_preset_format"

// UnknownPresetFormat: unknown format {format:q}
// → use {formats}
func UnknownPresetFormat(format, formats any) Reason {
	return Reason{ReasonCode: "unknown_preset_format", Params: Params{"format": value(format), "formats": value(formats)}, RemedyCode: "use_formats"}
}

// CodeUnknownProductField is the code of UnknownProductField.
const CodeUnknownProductField = "unknown_product_field"

// UnknownProductField: there is no such field
// → use {fields}; whatever else you know of the product belongs into attributes
func UnknownProductField(fields any) Reason {
	return Reason{ReasonCode: "unknown_product_field", Params: Params{"fields": value(fields)}, RemedyCode: "use_fields"}
}

// CodeUnknownRole is the code of UnknownRole.
const CodeUnknownRole = "unknown_role"

// UnknownRole: there is no role “{role}”
// → use viewer, contributor, editor, publisher or admin
func UnknownRole(role any) Reason {
	return Reason{ReasonCode: "unknown_role", Params: Params{"role": value(role)}, RemedyCode: "use_viewer_contributor_editor_publisher"}
}

// CodeUnknownSetting is the code of UnknownSetting.
const CodeUnknownSetting = "unknown_setting"

// UnknownSetting: {key:q} is not a setting
// → did you mean {nearest}? `vitrine config --help` lists them
func UnknownSetting(key, nearest any) Reason {
	return Reason{ReasonCode: "unknown_setting", Params: Params{"key": value(key), "nearest": value(nearest)}, RemedyCode: "did_you_mean_nearest_vitrine_config"}
}

// CodeUnknownSoundChoice is the code of UnknownSoundChoice.
const CodeUnknownSoundChoice = "unknown_sound_choice"

// UnknownSoundChoice: unknown choice {sound:q}
// → use keep or strip
func UnknownSoundChoice(sound any) Reason {
	return Reason{ReasonCode: "unknown_sound_choice", Params: Params{"sound": value(sound)}, RemedyCode: "use_keep_or_strip"}
}

// CodeUnknownStoreKind is the code of UnknownStoreKind.
const CodeUnknownStoreKind = "unknown_store_kind"

// UnknownStoreKind: there is no store of the kind {scheme}
// → use disk:PATH or s3://BUCKET
func UnknownStoreKind(scheme any) Reason {
	return Reason{ReasonCode: "unknown_store_kind", Params: Params{"scheme": value(scheme)}, RemedyCode: "use_disk"}
}

// CodeUnknownWatermarkPosition is the code of UnknownWatermarkPosition.
const CodeUnknownWatermarkPosition = "unknown_watermark_position"

// UnknownWatermarkPosition: unknown position {position:q}
// → use center, top, bottom, left, right or a corner such as bottom-right
func UnknownWatermarkPosition(position any) Reason {
	return Reason{ReasonCode: "unknown_watermark_position", Params: Params{"position": value(position)}, RemedyCode: "use_center_top_bottom_left_right"}
}

// CodeUnknownZoneKind is the code of UnknownZoneKind.
const CodeUnknownZoneKind = "unknown_zone_kind"

// UnknownZoneKind: unknown kind of zone {kind:q}
// → use face, logo, price, legal or other
func UnknownZoneKind(kind any) Reason {
	return Reason{ReasonCode: "unknown_zone_kind", Params: Params{"kind": value(kind)}, RemedyCode: "use_face_logo_price_legal"}
}

// CodeUnreadableButDownloadable is the code of UnreadableButDownloadable.
const CodeUnreadableButDownloadable = "unreadable_but_downloadable"

// UnreadableButDownloadable: {why:sentence} The original can be downloaded.
func UnreadableButDownloadable(why any) Reason {
	return Reason{ReasonCode: "unreadable_but_downloadable", Params: Params{"why": value(why)}}
}

// CodeUpdatePerChannel is the code of UpdatePerChannel.
const CodeUpdatePerChannel = "update_per_channel"

// UpdatePerChannel: on several channels, each says for itself which post it changes
// → write it in the entry of the channel, in channels
func UpdatePerChannel() Reason {
	return Reason{ReasonCode: "update_per_channel", RemedyCode: "say_update_per_channel"}
}

// CodeUploadAssetNeeded is the code of UploadAssetNeeded.
const CodeUploadAssetNeeded = "upload_asset_needed"

// UploadAssetNeeded: which asset gets the new version?
// → send its id
func UploadAssetNeeded() Reason {
	return Reason{ReasonCode: "upload_asset_needed", RemedyCode: "send_its_id"}
}

// CodeUploadBrokeOff is the code of UploadBrokeOff.
const CodeUploadBrokeOff = "upload_broke_off"

// UploadBrokeOff: the upload broke off or is not valid multipart/form-data
// → send it again
func UploadBrokeOff() Reason {
	return Reason{ReasonCode: "upload_broke_off", RemedyCode: "send_it_again"}
}

// CodeUploadIdUnknown is the code of UploadIdUnknown.
const CodeUploadIdUnknown = "upload_id_unknown"

// UploadIdUnknown: the upload's id is not known
func UploadIdUnknown() Reason {
	return Reason{ReasonCode: "upload_id_unknown"}
}

// CodeUploadIncomplete is the code of UploadIncomplete.
const CodeUploadIncomplete = "upload_incomplete"

// UploadIncomplete: the upload is not complete
// → send the rest first
func UploadIncomplete() Reason {
	return Reason{ReasonCode: "upload_incomplete", RemedyCode: "send_the_rest_first"}
}

// CodeUploadLengthNeeded is the code of UploadLengthNeeded.
const CodeUploadLengthNeeded = "upload_length_needed"

// UploadLengthNeeded: the length must be known at the start
// → send Upload-Length
func UploadLengthNeeded() Reason {
	return Reason{ReasonCode: "upload_length_needed", RemedyCode: "send_upload_length"}
}

// CodeUploadNeedsMultipart is the code of UploadNeedsMultipart.
const CodeUploadNeedsMultipart = "upload_needs_multipart"

// UploadNeedsMultipart: a file is uploaded as multipart/form-data
// → for example: curl -F {example}
func UploadNeedsMultipart(example any) Reason {
	return Reason{ReasonCode: "upload_needs_multipart", Params: Params{"example": value(example)}, RemedyCode: "for_example_curl"}
}

// CodeUploadServerError is the code of UploadServerError.
const CodeUploadServerError = "upload_server_error"

// UploadServerError: something went wrong on the server
// → ask with HEAD how far the upload is, and go on from there
func UploadServerError() Reason {
	return Reason{ReasonCode: "upload_server_error", RemedyCode: "ask_with_head_how_far_the_upload"}
}

// CodeUserExists is the code of UserExists.
const CodeUserExists = "user_exists"

// UserExists: a user with this e-mail already exists
// → change that user's role instead
func UserExists() Reason {
	return Reason{ReasonCode: "user_exists", RemedyCode: "change_that_users_role_instead"}
}

// CodeUserInOtherLibrary is the code of UserInOtherLibrary.
const CodeUserInOtherLibrary = "user_in_other_library"

// UserInOtherLibrary: the user also belongs to a library you do not administer
// → ask an administrator of both libraries
func UserInOtherLibrary() Reason {
	return Reason{ReasonCode: "user_in_other_library", RemedyCode: "ask_an_administrator_of_both_libraries"}
}

// CodeUserNameLength is the code of UserNameLength.
const CodeUserNameLength = "user_name_length"

// UserNameLength: a name has 1 to 200 characters
// → shorten it, or give one
func UserNameLength() Reason {
	return Reason{ReasonCode: "user_name_length", RemedyCode: "shorten_or_give"}
}

// CodeValueNotOfFieldType is the code of ValueNotOfFieldType.
const CodeValueNotOfFieldType = "value_not_of_field_type"

// ValueNotOfFieldType: “{value}” is not the field's type
// → write a number, or JSON
func ValueNotOfFieldType(valueOf any) Reason {
	return Reason{ReasonCode: "value_not_of_field_type", Params: Params{"value": value(valueOf)}, RemedyCode: "write_a_number_or_json"}
}

// CodeValueOfWrongType is the code of ValueOfWrongType.
const CodeValueOfWrongType = "value_of_wrong_type"

// ValueOfWrongType: a {value:json_type} where {type:json_type} belongs
// → see the field's type in /api/openapi.json
func ValueOfWrongType(valueOf, typeOf any) Reason {
	return Reason{ReasonCode: "value_of_wrong_type", Params: Params{"value": value(valueOf), "type": value(typeOf)}, RemedyCode: "see_the_fields_type_in_api"}
}

// CodeValueTooLong is the code of ValueTooLong.
const CodeValueTooLong = "value_too_long"

// ValueTooLong: expected length <= {max}
// → shorten it to {max} characters
func ValueTooLong(max any) Reason {
	return Reason{ReasonCode: "value_too_long", Params: Params{"max": value(max)}, RemedyCode: "shorten_it_to_max_characters"}
}

// CodeValuesNumberRange is the code of ValuesNumberRange.
const CodeValuesNumberRange = "values_number_range"

// ValuesNumberRange: the number of values is out of range
// → use 1 to 1000
func ValuesNumberRange() Reason {
	return Reason{ReasonCode: "values_number_range", RemedyCode: "use_1_to_1000"}
}

// CodeVariantNotDecoded is the code of VariantNotDecoded.
const CodeVariantNotDecoded = "variant_not_decoded"

// VariantNotDecoded: this variant of {format} can't be decoded here
// → save it as 8-bit or 16-bit RGB, or as a JPEG or PNG, and upload that
func VariantNotDecoded(format any) Reason {
	return Reason{ReasonCode: "variant_not_decoded", Params: Params{"format": value(format)}, RemedyCode: "save_it_as_8_bit"}
}

// CodeVariantOfItself is the code of VariantOfItself.
const CodeVariantOfItself = "variant_of_itself"

// VariantOfItself: a product can’t be a variant of itself
// → name another parent
func VariantOfItself() Reason {
	return Reason{ReasonCode: "variant_of_itself", RemedyCode: "name_another_parent"}
}

// CodeVersionMissing is the code of VersionMissing.
const CodeVersionMissing = "version_missing"

// VersionMissing: the version is missing
// → add its id, v_…
func VersionMissing() Reason {
	return Reason{ReasonCode: "version_missing", RemedyCode: "add_its_id_v"}
}

// CodeVersionNewestAlready is the code of VersionNewestAlready.
const CodeVersionNewestAlready = "version_newest_already"

// VersionNewestAlready: this is the newest version already
// → choose an older one
func VersionNewestAlready() Reason {
	return Reason{ReasonCode: "version_newest_already", RemedyCode: "choose_older"}
}

// CodeVersionOfOtherAsset is the code of VersionOfOtherAsset.
const CodeVersionOfOtherAsset = "version_of_other_asset"

// VersionOfOtherAsset: it belongs to another asset
// → name one of this asset's versions
func VersionOfOtherAsset() Reason {
	return Reason{ReasonCode: "version_of_other_asset", RemedyCode: "name_one_of_this_assets_versions"}
}

// CodeVersionWithoutSidecar is the code of VersionWithoutSidecar.
const CodeVersionWithoutSidecar = "version_without_sidecar"

// VersionWithoutSidecar: this version has no sidecar
// → send the XMP file with PUT to the asset's sidecar, or with vitrine sidecar put
func VersionWithoutSidecar() Reason {
	return Reason{ReasonCode: "version_without_sidecar", RemedyCode: "send_it_as_the_sidecar"}
}

// CodeVideoBesidePictures is the code of VideoBesidePictures.
const CodeVideoBesidePictures = "video_beside_pictures"

// VideoBesidePictures: a video goes alone, without pictures beside it
// → choose fewer files, or publish them one by one
func VideoBesidePictures() Reason {
	return Reason{ReasonCode: "video_beside_pictures", RemedyCode: "choose_fewer_files"}
}

// CodeVideoCeilingTooLow is the code of VideoCeilingTooLow.
const CodeVideoCeilingTooLow = "video_ceiling_too_low"

// VideoCeilingTooLow: a video can't be kept below 50,000 bytes
// → for example 8000000
func VideoCeilingTooLow() Reason {
	return Reason{ReasonCode: "video_ceiling_too_low", RemedyCode: "for_example_8000000"}
}

// CodeVideoLengthRange is the code of VideoLengthRange.
const CodeVideoLengthRange = "video_length_range"

// VideoLengthRange: a length is 0.5–86400 seconds
// → leave it out to keep all
func VideoLengthRange() Reason {
	return Reason{ReasonCode: "video_length_range", RemedyCode: "leave_it_out_to_keep_all"}
}

// CodeVideoLongerThanAccount is the code of VideoLongerThanAccount.
const CodeVideoLongerThanAccount = "video_longer_than_account"

// VideoLongerThanAccount: {preset} lasts {duration:number} s, and the account may post {seconds:number}
func VideoLongerThanAccount(preset, duration, seconds any) Reason {
	return Reason{ReasonCode: "video_longer_than_account", Params: Params{"preset": value(preset), "duration": value(duration), "seconds": value(seconds)}}
}

// CodeVideoOfVideosOnly is the code of VideoOfVideosOnly.
const CodeVideoOfVideosOnly = "video_of_videos_only"

// VideoOfVideosOnly: video is made of videos only
// → choose a video
func VideoOfVideosOnly() Reason {
	return Reason{ReasonCode: "video_of_videos_only", RemedyCode: "choose_a_video"}
}

// CodeVideoOverCeiling is the code of VideoOverCeiling.
const CodeVideoOverCeiling = "video_over_ceiling"

// VideoOverCeiling: a video of {seconds} s can't be kept within the {max} bytes that its preset allows
// → raise the preset's byte ceiling, or set max_seconds
func VideoOverCeiling(seconds, max any) Reason {
	return Reason{ReasonCode: "video_over_ceiling", Params: Params{"seconds": value(seconds), "max": value(max)}, RemedyCode: "raise_the_presets_byte_ceiling"}
}

// CodeVideoWithoutDensities is the code of VideoWithoutDensities.
const CodeVideoWithoutDensities = "video_without_densities"

// VideoWithoutDensities: video has no pixel densities
// → leave them out, and give the pixels that are wanted
func VideoWithoutDensities() Reason {
	return Reason{ReasonCode: "video_without_densities", RemedyCode: "leave_them_out_and_give"}
}

// CodeVocabularyChangedMeanwhile is the code of VocabularyChangedMeanwhile.
const CodeVocabularyChangedMeanwhile = "vocabulary_changed_meanwhile"

// VocabularyChangedMeanwhile: somebody changed it meanwhile
// → read it again and repeat the edit
func VocabularyChangedMeanwhile() Reason {
	return Reason{ReasonCode: "vocabulary_changed_meanwhile", RemedyCode: "read_the_vocabulary_again"}
}

// CodeVocabularyInUse is the code of VocabularyInUse.
const CodeVocabularyInUse = "vocabulary_in_use"

// VocabularyInUse: fields take their values from it: {fields}
// → remove these fields first
func VocabularyInUse(fields any) Reason {
	return Reason{ReasonCode: "vocabulary_in_use", Params: Params{"fields": value(fields)}, RemedyCode: "remove_the_fields_first"}
}

// CodeVocabularyNameTaken is the code of VocabularyNameTaken.
const CodeVocabularyNameTaken = "vocabulary_name_taken"

// VocabularyNameTaken: there is a vocabulary “{name}” already
// → choose another name
func VocabularyNameTaken(name any) Reason {
	return Reason{ReasonCode: "vocabulary_name_taken", Params: Params{"name": value(name)}, RemedyCode: "choose_another_name"}
}

// CodeVocabularyOfFamilies is the code of VocabularyOfFamilies.
const CodeVocabularyOfFamilies = "vocabulary_of_families"

// VocabularyOfFamilies: attributes of a family are taken from it: {families}
// → change these families first
func VocabularyOfFamilies(families any) Reason {
	return Reason{ReasonCode: "vocabulary_of_families", Params: Params{"families": value(families)}, RemedyCode: "change_the_families_first"}
}

// CodeVocabularyOfProducts is the code of VocabularyOfProducts.
const CodeVocabularyOfProducts = "vocabulary_of_products"

// VocabularyOfProducts: brands or categories of products are taken from it
// → have the library take them from another one first
func VocabularyOfProducts() Reason {
	return Reason{ReasonCode: "vocabulary_of_products", RemedyCode: "choose_another_vocabulary_of_products"}
}

// CodeWaitsForRelease is the code of WaitsForRelease.
const CodeWaitsForRelease = "waits_for_release"

// WaitsForRelease: the server holds what leaves it
func WaitsForRelease() Reason {
	return Reason{ReasonCode: "waits_for_release"}
}

// CodeWatermarkBytesMissing is the code of WatermarkBytesMissing.
const CodeWatermarkBytesMissing = "watermark_bytes_missing"

// WatermarkBytesMissing: the rendition {name:q} has a watermark, and nothing gives its bytes
func WatermarkBytesMissing(name any) Reason {
	return Reason{ReasonCode: "watermark_bytes_missing", Params: Params{"name": value(name)}}
}

// CodeWatermarkFromLibrary is the code of WatermarkFromLibrary.
const CodeWatermarkFromLibrary = "watermark_from_library"

// WatermarkFromLibrary: a watermark is a picture of the library
// → name an asset, such as your logo as a PNG with transparency
func WatermarkFromLibrary() Reason {
	return Reason{ReasonCode: "watermark_from_library", RemedyCode: "name_an_asset_such_as_your"}
}

// CodeWatermarkNotAPicture is the code of WatermarkNotAPicture.
const CodeWatermarkNotAPicture = "watermark_not_a_picture"

// WatermarkNotAPicture: the watermark can't be read as a picture
// → use a PNG, WebP, JPEG or GIF of at most 16 megapixels
func WatermarkNotAPicture() Reason {
	return Reason{ReasonCode: "watermark_not_a_picture", RemedyCode: "use_a_png_webp_jpeg"}
}

// CodeWatermarkNotSent is the code of WatermarkNotSent.
const CodeWatermarkNotSent = "watermark_not_sent"

// WatermarkNotSent: the watermark was not sent
func WatermarkNotSent() Reason {
	return Reason{ReasonCode: "watermark_not_sent"}
}

// CodeWatermarkUnreadable is the code of WatermarkUnreadable.
const CodeWatermarkUnreadable = "watermark_unreadable"

// WatermarkUnreadable: the watermark's file can't be read
// → give the preset another watermark
func WatermarkUnreadable() Reason {
	return Reason{ReasonCode: "watermark_unreadable", RemedyCode: "give_the_preset_another_watermark"}
}

// CodeWatermarkWidthRange is the code of WatermarkWidthRange.
const CodeWatermarkWidthRange = "watermark_width_range"

// WatermarkWidthRange: the width is a fraction of the rendition's, 0.01–1
// → 0.2 is a fifth
func WatermarkWidthRange() Reason {
	return Reason{ReasonCode: "watermark_width_range", RemedyCode: "margin_is_a_fraction"}
}

// CodeWebhookAuthorMayNotManage is the code of WebhookAuthorMayNotManage.
const CodeWebhookAuthorMayNotManage = "webhook_author_may_not_manage"

// WebhookAuthorMayNotManage: who saved it is disabled, or may not manage webhooks here any more
// → let somebody who may manage webhooks enable it: it then acts as them
func WebhookAuthorMayNotManage() Reason {
	return Reason{ReasonCode: "webhook_author_may_not_manage", RemedyCode: "enable_the_webhook_as_somebody_who_may"}
}

// CodeWebhookChangedMeanwhile is the code of WebhookChangedMeanwhile.
const CodeWebhookChangedMeanwhile = "webhook_changed_meanwhile"

// WebhookChangedMeanwhile: somebody changed the webhook meanwhile
// → reload it, then edit again
func WebhookChangedMeanwhile() Reason {
	return Reason{ReasonCode: "webhook_changed_meanwhile", RemedyCode: "reload_it_then_edit_again"}
}

// CodeWebhookDescriptionTooLong is the code of WebhookDescriptionTooLong.
const CodeWebhookDescriptionTooLong = "webhook_description_too_long"

// WebhookDescriptionTooLong: a description has at most 500 bytes
// → shorten it
func WebhookDescriptionTooLong() Reason {
	return Reason{ReasonCode: "webhook_description_too_long", RemedyCode: "shorten"}
}

// CodeWebhookHostFixed is the code of WebhookHostFixed.
const CodeWebhookHostFixed = "webhook_host_fixed"

// WebhookHostFixed: another host, scheme or port gets a secret of its own
// → add a webhook for the new address, then remove this one
func WebhookHostFixed() Reason {
	return Reason{ReasonCode: "webhook_host_fixed", RemedyCode: "add_a_webhook_for_the_new"}
}

// CodeWholeLibraryNeeded is the code of WholeLibraryNeeded.
const CodeWholeLibraryNeeded = "whole_library_needed"

// WholeLibraryNeeded: this needs the whole library, and you are limited to collections of it
// → ask an administrator
func WholeLibraryNeeded() Reason {
	return Reason{ReasonCode: "whole_library_needed", RemedyCode: "ask_an_administrator"}
}

// CodeWoocommerceWithoutProduct is the code of WoocommerceWithoutProduct.
const CodeWoocommerceWithoutProduct = "woocommerce_without_product"

// WoocommerceWithoutProduct: the shop has no product with the SKU {skus}
// → make the product there (a variation has no pictures of its own here), or mend the SKU
func WoocommerceWithoutProduct(skus any) Reason {
	return Reason{ReasonCode: "woocommerce_without_product", Params: Params{"skus": value(skus)}, RemedyCode: "make_the_product_there"}
}

// CodeWordpressAppPasswordsOff is the code of WordpressAppPasswordsOff.
const CodeWordpressAppPasswordsOff = "wordpress_app_passwords_off"

// WordpressAppPasswordsOff: the site has application passwords switched off
// → connect the channel again with valid credentials
func WordpressAppPasswordsOff() Reason {
	return Reason{ReasonCode: "wordpress_app_passwords_off", RemedyCode: "connect_again"}
}

// CodeWordpressRefuses is the code of WordpressRefuses.
const CodeWordpressRefuses = "wordpress_refuses"

// WordpressRefuses: WordPress refuses this: {said}
func WordpressRefuses(said any) Reason {
	return Reason{ReasonCode: "wordpress_refuses", Params: Params{"said": value(said)}}
}

// CodeWordpressRefusesPassword is the code of WordpressRefusesPassword.
const CodeWordpressRefusesPassword = "wordpress_refuses_password"

// WordpressRefusesPassword: the site refuses the application password
// → connect the channel again with valid credentials
func WordpressRefusesPassword() Reason {
	return Reason{ReasonCode: "wordpress_refuses_password", RemedyCode: "connect_again"}
}

// CodeWordpressRoleTooLow is the code of WordpressRoleTooLow.
const CodeWordpressRoleTooLow = "wordpress_role_too_low"

// WordpressRoleTooLow: the user {name} may not {may:wordpress_right} on this site: make it {role:wordpress_role}
// → connect the channel again with valid credentials
func WordpressRoleTooLow(name, may, role any) Reason {
	return Reason{ReasonCode: "wordpress_role_too_low", Params: Params{"name": value(name), "may": value(may), "role": value(role)}, RemedyCode: "connect_again"}
}

// CodeWordpressUrlForm is the code of WordpressUrlForm.
const CodeWordpressUrlForm = "wordpress_url_form"

// WordpressUrlForm: the site is an http or https URL
// → for example https://blog.example.com
func WordpressUrlForm() Reason {
	return Reason{ReasonCode: "wordpress_url_form", RemedyCode: "for_example_https"}
}

// CodeWordpressUserMayNot is the code of WordpressUserMayNot.
const CodeWordpressUserMayNot = "wordpress_user_may_not"

// WordpressUserMayNot: the user may not do this on the site: {said}
// → connect the channel again with valid credentials
func WordpressUserMayNot(said any) Reason {
	return Reason{ReasonCode: "wordpress_user_may_not", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodeWordsIndexBuilding is the code of WordsIndexBuilding.
const CodeWordsIndexBuilding = "words_index_building"

// WordsIndexBuilding: {progress}; words find what is in it already
// → wait; everything but words goes on
func WordsIndexBuilding(progress any) Reason {
	return Reason{ReasonCode: "words_index_building", Params: Params{"progress": value(progress)}, RemedyCode: "wait_everything"}
}

// CodeWorkersDataExposed is the code of WorkersDataExposed.
const CodeWorkersDataExposed = "workers_data_exposed"

// WorkersDataExposed: the server keeps {path} where every program of this machine reads, so no wall would hide it
// → move the data folder out of /usr and the like
func WorkersDataExposed(path any) Reason {
	return Reason{ReasonCode: "workers_data_exposed", Params: Params{"path": value(path)}, RemedyCode: "move_the_data_folder_out"}
}

// CodeWrongCredentials is the code of WrongCredentials.
const CodeWrongCredentials = "wrong_credentials"

// WrongCredentials: the e-mail or the password is wrong
// → check both, or ask an administrator for a new password
func WrongCredentials() Reason {
	return Reason{ReasonCode: "wrong_credentials", RemedyCode: "check_both_or_ask_an_administrator"}
}

// CodeXCallGone is the code of XCallGone.
const CodeXCallGone = "x_call_gone"

// XCallGone: X has no such call any more: {path}
// → report this
func XCallGone(path any) Reason {
	return Reason{ReasonCode: "x_call_gone", Params: Params{"path": value(path)}, RemedyCode: "report_this"}
}

// CodeXCreditsDepleted is the code of XCreditsDepleted.
const CodeXCreditsDepleted = "x_credits_depleted"

// XCreditsDepleted: the X project has no credits left
// → buy credits in X's developer console: sending resumes by itself within an hour, or at once when the channel is tested
func XCreditsDepleted() Reason {
	return Reason{ReasonCode: "x_credits_depleted", RemedyCode: "buy_credits_then_test"}
}

// CodeXLinkCosts is the code of XLinkCosts.
const CodeXLinkCosts = "x_link_costs"

// XLinkCosts: X charges {link} USD for a post with a link, {plain} without one (pay-per-use, as of {date})
func XLinkCosts(link, plain, date any) Reason {
	return Reason{ReasonCode: "x_link_costs", Params: Params{"link": value(link), "plain": value(plain), "date": value(date)}}
}

// CodeXMonthlyPostsUsed is the code of XMonthlyPostsUsed.
const CodeXMonthlyPostsUsed = "x_monthly_posts_used"

// XMonthlyPostsUsed: the X project has used up its monthly posts
// → wait for the next month or enlarge the plan
func XMonthlyPostsUsed() Reason {
	return Reason{ReasonCode: "x_monthly_posts_used", RemedyCode: "wait_for_the_next_month"}
}

// CodeXPictureUnreadable is the code of XPictureUnreadable.
const CodeXPictureUnreadable = "x_picture_unreadable"

// XPictureUnreadable: X can't read the picture
// → choose another format
func XPictureUnreadable() Reason {
	return Reason{ReasonCode: "x_picture_unreadable", RemedyCode: "choose_another_format"}
}

// CodeXPlanWithoutReading is the code of XPlanWithoutReading.
const CodeXPlanWithoutReading = "x_plan_without_reading"

// XPlanWithoutReading: the plan of this X project does not allow reading
func XPlanWithoutReading() Reason {
	return Reason{ReasonCode: "x_plan_without_reading"}
}

// CodeXPostIdUnknown is the code of XPostIdUnknown.
const CodeXPostIdUnknown = "x_post_id_unknown"

// XPostIdUnknown: the post's id is not known
// → delete it on X by hand
func XPostIdUnknown() Reason {
	return Reason{ReasonCode: "x_post_id_unknown", RemedyCode: "delete_it_on_x_by_hand"}
}

// CodeXRefuses is the code of XRefuses.
const CodeXRefuses = "x_refuses"

// XRefuses: X refuses this: {said}
// → change it, then retry
func XRefuses(said any) Reason {
	return Reason{ReasonCode: "x_refuses", Params: Params{"said": value(said)}, RemedyCode: "change_then_retry"}
}

// CodeXRefusesAccount is the code of XRefusesAccount.
const CodeXRefusesAccount = "x_refuses_account"

// XRefusesAccount: X refuses the account: {detail}
// → connect the channel again with valid credentials
func XRefusesAccount(detail any) Reason {
	return Reason{ReasonCode: "x_refuses_account", Params: Params{"detail": value(detail)}, RemedyCode: "connect_again"}
}

// CodeXRefusesCashtags is the code of XRefusesCashtags.
const CodeXRefusesCashtags = "x_refuses_cashtags"

// XRefusesCashtags: X takes one cashtag ($NAME) in a post
// → change the text
func XRefusesCashtags() Reason {
	return Reason{ReasonCode: "x_refuses_cashtags", RemedyCode: "change_the_text"}
}

// CodeXRefusesCredentials is the code of XRefusesCredentials.
const CodeXRefusesCredentials = "x_refuses_credentials"

// XRefusesCredentials: X refuses these credentials
// → connect the channel again with valid credentials
func XRefusesCredentials() Reason {
	return Reason{ReasonCode: "x_refuses_credentials", RemedyCode: "connect_again"}
}

// CodeXRefusesLink is the code of XRefusesLink.
const CodeXRefusesLink = "x_refuses_link"

// XRefusesLink: X refuses a link in the text
// → change the text
func XRefusesLink() Reason {
	return Reason{ReasonCode: "x_refuses_link", RemedyCode: "change_the_text"}
}

// CodeXRefusesRepeat is the code of XRefusesRepeat.
const CodeXRefusesRepeat = "x_refuses_repeat"

// XRefusesRepeat: X refuses a text that was posted before
// → change the text
func XRefusesRepeat() Reason {
	return Reason{ReasonCode: "x_refuses_repeat", RemedyCode: "change_the_text"}
}

// CodeXUploadNamedStrangely is the code of XUploadNamedStrangely.
const CodeXUploadNamedStrangely = "x_upload_named_strangely"

// XUploadNamedStrangely: X named the upload in a way we can't send
// → report this
func XUploadNamedStrangely() Reason {
	return Reason{ReasonCode: "x_upload_named_strangely", RemedyCode: "report_this"}
}

// CodeXiboDeleted is the code of XiboDeleted.
const CodeXiboDeleted = "xibo_deleted"

// XiboDeleted: media of the library deleted, with their widgets: {n}
func XiboDeleted(n any) Reason {
	return Reason{ReasonCode: "xibo_deleted", Params: Params{"n": value(n)}}
}

// CodeXiboNoPlaylist is the code of XiboNoPlaylist.
const CodeXiboNoPlaylist = "xibo_no_playlist"

// XiboNoPlaylist: the CMS shows no playlist {playlist} to this application
// → check its number, and share it with the application's user
func XiboNoPlaylist(playlist any) Reason {
	return Reason{ReasonCode: "xibo_no_playlist", Params: Params{"playlist": value(playlist)}, RemedyCode: "check_its_number_and_share"}
}

// CodeXiboPlaylistDynamic is the code of XiboPlaylistDynamic.
const CodeXiboPlaylistDynamic = "xibo_playlist_dynamic"

// XiboPlaylistDynamic: the playlist “{name}” is a dynamic one, which fills itself
// → choose another one
func XiboPlaylistDynamic(name any) Reason {
	return Reason{ReasonCode: "xibo_playlist_dynamic", Params: Params{"name": value(name)}, RemedyCode: "choose_another"}
}

// CodeXiboPlaylistInLayout is the code of XiboPlaylistInLayout.
const CodeXiboPlaylistInLayout = "xibo_playlist_in_layout"

// XiboPlaylistInLayout: the playlist belongs to a region of a layout, which takes nothing while it is published
// → use a playlist of its own in that region
func XiboPlaylistInLayout() Reason {
	return Reason{ReasonCode: "xibo_playlist_in_layout", RemedyCode: "use_a_playlist_of_its_own"}
}

// CodeXiboRefusesApplication is the code of XiboRefusesApplication.
const CodeXiboRefusesApplication = "xibo_refuses_application"

// XiboRefusesApplication: the CMS refuses the application
// → connect the channel again with valid credentials
func XiboRefusesApplication() Reason {
	return Reason{ReasonCode: "xibo_refuses_application", RemedyCode: "connect_again"}
}

// CodeXiboRefusesFile is the code of XiboRefusesFile.
const CodeXiboRefusesFile = "xibo_refuses_file"

// XiboRefusesFile: Xibo refuses the file: {error}
// → see the library's settings in the CMS
func XiboRefusesFile(error any) Reason {
	return Reason{ReasonCode: "xibo_refuses_file", Params: Params{"error": value(error)}, RemedyCode: "see_the_librarys_settings"}
}

// CodeXiboUrlForm is the code of XiboUrlForm.
const CodeXiboUrlForm = "xibo_url_form"

// XiboUrlForm: a CMS has an http or https URL without credentials
// → write it as https://cms.example.com
func XiboUrlForm() Reason {
	return Reason{ReasonCode: "xibo_url_form", RemedyCode: "write_it_as_https_cms"}
}

// CodeYoutubeAccessExpired is the code of YoutubeAccessExpired.
const CodeYoutubeAccessExpired = "youtube_access_expired"

// YoutubeAccessExpired: the access to YouTube has expired
// → connect the channel again with valid credentials
func YoutubeAccessExpired() Reason {
	return Reason{ReasonCode: "youtube_access_expired", RemedyCode: "connect_again"}
}

// CodeYoutubeAngleInDescription is the code of YoutubeAngleInDescription.
const CodeYoutubeAngleInDescription = "youtube_angle_in_description"

// YoutubeAngleInDescription: YouTube takes no < or > in a description
// → write it otherwise
func YoutubeAngleInDescription() Reason {
	return Reason{ReasonCode: "youtube_angle_in_description", RemedyCode: "write_it_otherwise"}
}

// CodeYoutubeAngleInTitle is the code of YoutubeAngleInTitle.
const CodeYoutubeAngleInTitle = "youtube_angle_in_title"

// YoutubeAngleInTitle: YouTube takes no < or > in a title
// → write it otherwise
func YoutubeAngleInTitle() Reason {
	return Reason{ReasonCode: "youtube_angle_in_title", RemedyCode: "write_it_otherwise_f"}
}

// CodeYoutubeCategoryUnknown is the code of YoutubeCategoryUnknown.
const CodeYoutubeCategoryUnknown = "youtube_category_unknown"

// YoutubeCategoryUnknown: YouTube does not know the category
// → enter another in the channel's settings
func YoutubeCategoryUnknown() Reason {
	return Reason{ReasonCode: "youtube_category_unknown", RemedyCode: "enter_another_in_the_channels_settings"}
}

// CodeYoutubeRefuses is the code of YoutubeRefuses.
const CodeYoutubeRefuses = "youtube_refuses"

// YoutubeRefuses: YouTube refuses this: {said}
// → change it, then retry
func YoutubeRefuses(said any) Reason {
	return Reason{ReasonCode: "youtube_refuses", Params: Params{"said": value(said)}, RemedyCode: "change_then_retry"}
}

// CodeYoutubeRefusesAccount is the code of YoutubeRefusesAccount.
const CodeYoutubeRefusesAccount = "youtube_refuses_account"

// YoutubeRefusesAccount: YouTube refuses the account: {said}
// → connect the channel again with valid credentials
func YoutubeRefusesAccount(said any) Reason {
	return Reason{ReasonCode: "youtube_refuses_account", Params: Params{"said": value(said)}, RemedyCode: "connect_again"}
}

// CodeYoutubeRefusesDescription is the code of YoutubeRefusesDescription.
const CodeYoutubeRefusesDescription = "youtube_refuses_description"

// YoutubeRefusesDescription: YouTube refuses the description
// → it has at most 5000 bytes, and no < or >
func YoutubeRefusesDescription() Reason {
	return Reason{ReasonCode: "youtube_refuses_description", RemedyCode: "it_has_at_most_5000_bytes"}
}

// CodeYoutubeRefusesTags is the code of YoutubeRefusesTags.
const CodeYoutubeRefusesTags = "youtube_refuses_tags"

// YoutubeRefusesTags: YouTube refuses the tags
// → take some off
func YoutubeRefusesTags() Reason {
	return Reason{ReasonCode: "youtube_refuses_tags", RemedyCode: "take_some_off"}
}

// CodeYoutubeRefusesTitle is the code of YoutubeRefusesTitle.
const CodeYoutubeRefusesTitle = "youtube_refuses_title"

// YoutubeRefusesTitle: YouTube refuses the title
// → a title has at most 100 characters, and no < or >
func YoutubeRefusesTitle() Reason {
	return Reason{ReasonCode: "youtube_refuses_title", RemedyCode: "a_title_has_at_most_100"}
}

// CodeYoutubeUploadUnknown is the code of YoutubeUploadUnknown.
const CodeYoutubeUploadUnknown = "youtube_upload_unknown"

// YoutubeUploadUnknown: YouTube does not know the upload any more; look at the channel's videos
func YoutubeUploadUnknown() Reason {
	return Reason{ReasonCode: "youtube_upload_unknown"}
}

// CodeYoutubeVideoInMaking is the code of YoutubeVideoInMaking.
const CodeYoutubeVideoInMaking = "youtube_video_in_making"

// YoutubeVideoInMaking: YouTube has the whole file, and has not made the video yet
func YoutubeVideoInMaking() Reason {
	return Reason{ReasonCode: "youtube_video_in_making"}
}

// CodeZoneOutsidePicture is the code of ZoneOutsidePicture.
const CodeZoneOutsidePicture = "zone_outside_picture"

// ZoneOutsidePicture: a zone lies inside the picture and has a size
// → x, y, w and h are fractions from 0 to 1 of the picture's width and height
func ZoneOutsidePicture() Reason {
	return Reason{ReasonCode: "zone_outside_picture", RemedyCode: "fractions_of_picture"}
}

// RemedyAddFieldFirst: add it first: PUT /api/fields, or vitrine field add
func RemedyAddFieldFirst() Remedy {
	return Remedy{Code: "add_field_first"}
}

// RemedyChangeTheTextThenRetry: change the text, then retry
func RemedyChangeTheTextThenRetry() Remedy {
	return Remedy{Code: "change_the_text_then_retry"}
}

// RemedyChangeThenRetry: change it, then retry
func RemedyChangeThenRetry() Remedy {
	return Remedy{Code: "change_then_retry"}
}

// RemedyChooseAnotherPresetAndRetry: choose another preset, then retry
func RemedyChooseAnotherPresetAndRetry() Remedy {
	return Remedy{Code: "choose_another_preset_and_retry"}
}

// RemedyChooseAnotherPresetThatFits: choose another preset: {rules:list}
func RemedyChooseAnotherPresetThatFits(rules any) Remedy {
	return Remedy{Code: "choose_another_preset_that_fits", Params: Params{"rules": value(rules)}}
}

// RemedyChooseFrameRatePreset: choose a preset of 23 to 60 frames a second, then retry
func RemedyChooseFrameRatePreset() Remedy {
	return Remedy{Code: "choose_frame_rate_preset"}
}

// RemedyChooseOfChoices: use one of {choices}
func RemedyChooseOfChoices(choices any) Remedy {
	return Remedy{Code: "choose_of_choices", Params: Params{"choices": value(choices)}}
}

// RemedyChooseShorterPreset: choose a preset that cuts it (max_seconds), then retry
func RemedyChooseShorterPreset() Remedy {
	return Remedy{Code: "choose_shorter_preset"}
}

// RemedyChooseSitePreset: choose a preset with a format and size that the site takes, or raise upload_max_filesize there
func RemedyChooseSitePreset() Remedy {
	return Remedy{Code: "choose_site_preset"}
}

// RemedyChooseTiktokSize: choose a preset of 360 to 4096 pixels a side, then retry
func RemedyChooseTiktokSize() Remedy {
	return Remedy{Code: "choose_tiktok_size"}
}

// RemedyCropToRatio: crop it to {ratio}, or choose a preset that does
func RemedyCropToRatio(ratio any) Remedy {
	return Remedy{Code: "crop_to_ratio", Params: Params{"ratio": value(ratio)}}
}

// RemedyDidYouMean: did you mean “{better}”?
func RemedyDidYouMean(better any) Remedy {
	return Remedy{Code: "did_you_mean", Params: Params{"better": value(better)}}
}

// RemedyDidYouMeanField: did you mean {better}: ?
func RemedyDidYouMeanField(better any) Remedy {
	return Remedy{Code: "did_you_mean_field", Params: Params{"better": value(better)}}
}

// RemedyDidYouMeanValue: did you mean {field}:{better}?
func RemedyDidYouMeanValue(field, better any) Remedy {
	return Remedy{Code: "did_you_mean_value", Params: Params{"field": value(field), "better": value(better)}}
}

// RemedyItHasKnown: it has {known}
func RemedyItHasKnown(known any) Remedy {
	return Remedy{Code: "it_has_known", Params: Params{"known": value(known)}}
}

// RemedyLeaveItOut: leave it out
func RemedyLeaveItOut() Remedy {
	return Remedy{Code: "leave_it_out"}
}

// RemedyLeaveTheOptionsOut: leave the options out
func RemedyLeaveTheOptionsOut() Remedy {
	return Remedy{Code: "leave_the_options_out"}
}

// RemedyQuoteAsText: put it in quotation marks to search for the text: "{text}"
func RemedyQuoteAsText(text any) Remedy {
	return Remedy{Code: "quote_as_text", Params: Params{"text": value(text)}}
}

// RemedyRemoveByHandThenConfirm: remove it at the channel by hand, then confirm that it is gone; or retry
func RemedyRemoveByHandThenConfirm() Remedy {
	return Remedy{Code: "remove_by_hand_then_confirm"}
}

// RemedyRemoveUrlByHandThenConfirm: remove {url} by hand, then confirm that it is gone; or retry
func RemedyRemoveUrlByHandThenConfirm(url any) Remedy {
	return Remedy{Code: "remove_url_by_hand_then_confirm", Params: Params{"url": value(url)}}
}

// RemedySeePublicUrlReachable: see that the public URL can be reached from the Internet, then retry
func RemedySeePublicUrlReachable() Remedy {
	return Remedy{Code: "see_public_url_reachable"}
}

// RemedySeeTiktokRules: see TikTok's rules, then retry
func RemedySeeTiktokRules() Remedy {
	return Remedy{Code: "see_tiktok_rules"}
}

// RemedySendAPrice: send {"amount": "19.90", "currency": "EUR"}, or null
func RemedySendAPrice() Remedy {
	return Remedy{Code: "send_a_price"}
}

// RemedySendAText: send a text
func RemedySendAText() Remedy {
	return Remedy{Code: "send_a_text"}
}

// RemedySendAWholeNumber: send a whole number, or null when it is unknown
func RemedySendAWholeNumber() Remedy {
	return Remedy{Code: "send_a_whole_number"}
}

// RemedySendAttributes: send an object of texts, such as {"colour": "blue"}
func RemedySendAttributes() Remedy {
	return Remedy{Code: "send_attributes"}
}

// RemedyUseAKnownField: the fields are {fields}; add it first: PUT /api/fields, or vitrine field add
func RemedyUseAKnownField(fields any) Remedy {
	return Remedy{Code: "use_a_known_field", Params: Params{"fields": value(fields)}}
}

// RemedyUseKnown: use {known}
func RemedyUseKnown(known any) Remedy {
	return Remedy{Code: "use_known", Params: Params{"known": value(known)}}
}

// RemedyUseOneOfOrFormat: use one of {choices}; file formats are asked for with format:{format}
func RemedyUseOneOfOrFormat(choices, format any) Remedy {
	return Remedy{Code: "use_one_of_or_format", Params: Params{"choices": value(choices), "format": value(format)}}
}

// RemedyUseOneOfTheseIds: use the id of one of them: {terms}
func RemedyUseOneOfTheseIds(terms any) Remedy {
	return Remedy{Code: "use_one_of_these_ids", Params: Params{"terms": value(terms)}}
}

// RemedyWriteDay: write a day, month or year (2024-03-15, 2024-03, 2024), today, yesterday, or a number of days such as 7d
func RemedyWriteDay() Remedy {
	return Remedy{Code: "write_day"}
}

// RemedyWriteNumber: write a number, for example {example}
func RemedyWriteNumber(example any) Remedy {
	return Remedy{Code: "write_number", Params: Params{"example": value(example)}}
}

// RemedyWriteSize: write a size such as 500kB, 5MB or 1.5GB
func RemedyWriteSize() Remedy {
	return Remedy{Code: "write_size"}
}

// RemedyWriteWholeNumber: write a whole number, for example {example}
func RemedyWriteWholeNumber(example any) Remedy {
	return Remedy{Code: "write_whole_number", Params: Params{"example": value(example)}}
}
